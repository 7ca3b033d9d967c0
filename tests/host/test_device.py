"""Commands: one at a time, each with its answer or the cause of its failure, none left waiting."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from soakbench.device import CommandRefusedError, Device, LinkLostError
from soakbench.device import device as device_module
from soakwire import messages
from soakwire.host_end import CommandError, Response, SessionDown

CAUSE = "the board has been silent for 12 s"


class Link:
    """A link that takes one command at a time, as the real one."""

    def __init__(self) -> None:
        self.up = True
        self.sent: list[int] = []
        self.under_way: int | None = None

    def command(self, verb: int, arguments: bytes, not_after_ms: int = 0) -> int:
        if not self.up:
            raise CommandError("the link is asking")
        if self.under_way is not None:
            raise CommandError("another command is under way")
        self.sent.append(verb)
        self.under_way = len(self.sent)
        return self.under_way

    def give_up_command(self) -> None:
        self.under_way = None


class Board:
    """A device over a link, and the events that come from it."""

    def __init__(self) -> None:
        self.link = Link()
        self.device = Device(self.link)  # type: ignore[arg-type]

    async def sent(self, count: int = 1) -> None:
        """Until so many commands have been sent."""
        while len(self.link.sent) < count:
            await asyncio.sleep(0)

    def answer(self, reason: int = messages.REASON_OK, detail: int = 0) -> None:
        assert self.link.under_way is not None
        self.device.feed(Response(self.link.under_way, reason, detail))

    def down(self, cause: str = CAUSE) -> None:
        self.link.up = False
        self.device.feed(SessionDown(cause))


Scene = Callable[[Board], Coroutine[object, object, None]]


def play(scene: Scene) -> None:
    async def main() -> None:
        async with asyncio.timeout(20):
            await scene(Board())

    asyncio.run(main())


@pytest.mark.rule("CO-9")
def test_an_answer_ends_the_waiting():
    async def scene(board: Board) -> None:
        stop = asyncio.create_task(board.device.stop())
        await board.sent()
        board.answer()
        await stop
        assert board.link.under_way is None

    play(scene)


def test_a_refusal_says_why():
    async def scene(board: Board) -> None:
        stop = asyncio.create_task(board.device.stop())
        await board.sent()
        board.answer(messages.REASON_BUSY, 3)
        with pytest.raises(CommandRefusedError, match="tracks are running") as caught:
            await stop
        assert (caught.value.reason, caught.value.detail) == (messages.REASON_BUSY, 3)

    play(scene)


@pytest.mark.rule("CO-9")
def test_all_who_wait_fail_with_the_cause_when_the_link_goes():
    async def scene(board: Board) -> None:
        waiters = [asyncio.create_task(board.device.pause(track)) for track in range(3)]
        await board.sent()
        board.down()
        results = await asyncio.gather(*waiters, return_exceptions=True)
        assert [type(result) for result in results] == [LinkLostError] * 3
        assert all(CAUSE in str(result) for result in results)
        assert len(board.link.sent) == 1

    play(scene)


@pytest.mark.rule("CO-5", "CO-9")
def test_who_waited_for_another_is_not_sent_in_the_next_session():
    async def scene(board: Board) -> None:
        first = asyncio.create_task(board.device.pause(0))
        second = asyncio.create_task(board.device.pause(1))
        await board.sent()
        board.down()
        board.link.up = True  # the next session is there before anybody has had a turn
        results = await asyncio.gather(first, second, return_exceptions=True)
        assert all(isinstance(r, LinkLostError) and CAUSE in str(r) for r in results)
        assert len(board.link.sent) == 1
        third = asyncio.create_task(board.device.pause(2))
        await board.sent(2)
        board.answer()
        await third

    play(scene)


@pytest.mark.rule("CO-5")
def test_an_upload_does_not_go_on_in_another_session():
    async def scene(board: Board) -> None:
        upload = asyncio.create_task(board.device.upload(messages.BLOB_CONFIG, bytes(400)))
        await board.sent()
        board.answer()
        await board.sent(2)
        board.answer()
        board.down()
        board.link.up = True
        with pytest.raises(LinkLostError, match="silent"):
            await upload
        assert messages.BLOB_COMMIT not in board.link.sent

    play(scene)


@pytest.mark.rule("CO-9")
def test_without_a_session_a_command_fails_at_once():
    async def scene(board: Board) -> None:
        board.down()
        with pytest.raises(LinkLostError, match="the link is asking"):
            await board.device.stop()

    play(scene)


@pytest.mark.rule("CO-9")
def test_after_one_that_was_cancelled_the_next_works():
    async def scene(board: Board) -> None:
        first = asyncio.create_task(board.device.pause(0))
        await board.sent()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert board.link.under_way is None, "nobody repeats what nobody waits for"
        board.device.feed(Response(1, messages.REASON_OK, 0))  # its answer, too late
        second = asyncio.create_task(board.device.pause(1))
        await board.sent(2)
        board.device.feed(Response(1, messages.REASON_OK, 0))
        assert not second.done()
        board.answer()
        await second

    play(scene)


@pytest.mark.rule("CO-9")
def test_one_that_is_cancelled_while_it_waits_its_turn_takes_no_other_along():
    async def scene(board: Board) -> None:
        first = asyncio.create_task(board.device.pause(0))
        await board.sent()
        second = asyncio.create_task(board.device.pause(1))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert board.link.under_way == 1
        board.answer()
        await first

    play(scene)


@pytest.mark.rule("CO-9")
def test_a_board_that_never_answers_does_not_block_the_next(monkeypatch):
    monkeypatch.setattr(device_module, "ANSWER_S", 0.0)

    async def scene(board: Board) -> None:
        with pytest.raises(LinkLostError, match="no answer to `pause`"):
            await board.device.pause(0)
        monkeypatch.setattr(device_module, "ANSWER_S", 10.0)
        second = asyncio.create_task(board.device.pause(1))
        await board.sent(2)
        board.answer()
        await second

    play(scene)
