from syncline_sdk import Organisation
from syncline_server.core.choosing import Choice, choose


def organisation(name: str, *, approved: bool = False) -> Organisation:
    """Return an organisation that a grant reaches."""
    return Organisation(id=name, connection_id=name, name=name, approved_now=approved)


KAURI, RIMU = organisation("kauri", approved=True), organisation("rimu", approved=True)
OLD, OLDER = organisation("old"), organisation("older")


def test_the_one_that_was_approved_is_taken() -> None:
    """One approved organisation is taken, whatever else is reached."""
    assert choose([OLD, KAURI, OLDER], set()) == Choice(taken=KAURI)


def test_the_one_that_was_approved_may_be_held() -> None:
    """One approved organisation that another workspace holds is nothing to connect."""
    assert choose([OLD, KAURI], {"kauri"}) == Choice(held=(KAURI,))


def test_several_that_were_approved_are_candidates() -> None:
    """Several approved organisations are to choose from, without earlier ones."""
    assert choose([KAURI, OLD, RIMU], set()) == Choice(candidates=(KAURI, RIMU))


def test_without_any_approved_the_free_ones_are_candidates() -> None:
    """Where none is marked, what nobody else holds is to choose from, also a single one."""
    assert choose([OLD, OLDER], {"old"}) == Choice(candidates=(OLDER,))


def test_without_any_free_all_are_held() -> None:
    """Where none is marked and all are held, there is nothing to connect."""
    assert choose([OLD, OLDER], {"old", "older"}) == Choice(held=(OLD, OLDER))


def test_nothing_reached_is_nothing_to_connect() -> None:
    """A grant that reaches nothing connects nothing."""
    assert choose([], set()) == Choice()
