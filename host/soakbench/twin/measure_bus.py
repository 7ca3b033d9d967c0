"""What a simulated source meter is wired to: every cell whose measure relay is closed."""

from soakbench.twin.board import Board


class MeasureBus:
    """The Terminals of a SimulatedSmu. Cells are as they were when the board last settled them."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def __call__(self, voltage_v: float) -> float:
        """The current (mA) of all of them together at `voltage_v`; none of them gives nothing."""
        board = self._board
        return sum(
            cell.delivered_ma(voltage_v, board.stations[cell.station])
            for cell in board.cells.values()
            if cell.measured
        )
