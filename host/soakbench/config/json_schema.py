"""JSON Schemas of the files people write, for editors that check and complete while one types.

They say what a text may look like; what fits together, and what a bench can do, only `soakbench
check` knows.
"""

from typing import Any, Literal

from soakbench.config.base import FileTable
from soakbench.config.bench import BenchConfig
from soakbench.config.faults import FaultScript
from soakbench.config.plan import PlanConfig

FileKind = Literal["plan", "bench", "faults"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MODELS: dict[FileKind, type[FileTable]] = {
    "plan": PlanConfig,
    "bench": BenchConfig,
    "faults": FaultScript,
}


# Bounds of what a text becomes, which a schema of the text cannot say.
_OF_THE_VALUE = ("gt", "ge", "lt", "le")


def json_schema(kind: FileKind) -> dict[str, Any]:
    """The schema of a plan, bench or fault file."""
    made = _tidy(_MODELS[kind].model_json_schema())
    return {"$schema": DIALECT, **made, "title": f"soakbench {kind} file"}


def _tidy(schema: Any) -> Any:
    """Without titles that only repeat a key, and without defaults as they are kept in memory
    (milliseconds for "5 min")."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    default = schema.get("default", "")
    in_memory = default is None or isinstance(default, dict)
    if schema.get("type") == "string" and not isinstance(default, str):
        in_memory = True
    left_out = {*_OF_THE_VALUE, *(["default"] if in_memory else [])}
    if isinstance(schema.get("title"), str):  # not a key of that name
        left_out.add("title")
    return {key: _tidy(part) for key, part in schema.items() if key not in left_out}
