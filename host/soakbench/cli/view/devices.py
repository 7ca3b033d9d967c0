"""Which device lay at which cell's place, in a line per substrate."""

from rich.text import Text

from soakbench.cell_history import Device
from soakbench.cli import words


def device_lines(devices: list[Device]) -> list[Text]:
    """Nothing of cells that neither substrate nor id is known of."""
    by_substrate: dict[str | None, list[Device]] = {}
    for device in devices:
        if device.substrate or device.id:
            by_substrate.setdefault(device.substrate, []).append(device)
    return [_line(substrate, there) for substrate, there in by_substrate.items()]


def _line(substrate: str | None, devices: list[Device]) -> Text:
    text = Text("No substrate" if substrate is None else f"Substrate {substrate}", style="quiet")
    text.append(": ", style="quiet")
    if any(device.id for device in devices):
        return text.append(", ".join(_device(device) for device in devices), style="none")
    return text.append(words.cells([device.cell for device in devices]), style="none")


def _device(device: Device) -> str:
    return f"{device.cell} = {device.id}" if device.id else device.cell
