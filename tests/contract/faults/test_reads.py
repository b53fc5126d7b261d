from faulty_xero import FaultyXero
from syncline_server.core.model import RunState


def test_x(xero: FaultyXero) -> None:
    ids = xero.set_up(3)
    run = xero.sync("invoice_push")
    assert run.state is RunState.SUCCEEDED, (run, xero.issues(run))
    assert len(xero.held()) == 3
