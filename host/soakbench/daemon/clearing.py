"""Clearing a trip: the only way in which a heater that was switched off for good may heat again."""

from soakbench.daemon import steering
from soakbench.device import Device
from soakbench.errors import DaemonError
from soakbench.run.keeper import RunKeeper
from soakbench.run.orders import Reason
from soakbench.status import Clear, Vouch
from soakwire import messages, names

VOUCH_CODES: dict[Vouch, int] = {
    "none": messages.VOUCH_NONE,
    "sensor": messages.VOUCH_SENSOR,
    "me": messages.VOUCH_OPERATOR,
}
_BITS = {name: bit for bit, name in names.FAULT_NAMES}


async def clear(request: Clear, stations: list[str], device: Device, keeper: RunKeeper) -> None:
    """Do as `request` says, and write it down with the run.

    DaemonError for an unknown station or fault; CommandRefusedError with the board's reason.
    """
    if request.station not in stations:
        raise DaemonError(
            f"there is no station {request.station}", hint=f"there is: {', '.join(stations)}"
        )
    bits = 0
    for name in request.faults:
        if name not in _BITS:
            raise DaemonError(f"there is no fault {name}", hint=f"there is: {', '.join(_BITS)}")
        bits |= _BITS[name]
    await device.clear(stations.index(request.station), bits, VOUCH_CODES[request.vouch])
    who = {"none": "", "sensor": ", the other sensor vouches", "me": ", the operator vouches"}
    text = f"{request.station}: cleared {', '.join(request.faults)}{who[request.vouch]}"
    keeper.note("clear", text, deviation=True)
    if request.resume:
        await steering.resume_at(request.station, Reason(why="cleared"), keeper, device)
