"""The timeline of a plan as one page that needs nothing else: no network, no script."""

from soakbench.cli.view.plan_page.page import plan_page
from soakbench.cli.view.plan_page.sheet import Sheet

__all__ = ["Sheet", "plan_page"]
