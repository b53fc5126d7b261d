from collections.abc import Sequence
from datetime import timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict, ParseDict

from syncline.v1 import integration_pb2 as pb
from syncline_client import Aborted, Client, FailedPrecondition, InvalidArgument
from wiring import ACME

NAME = f"{ACME}/settings"


def get(client: Client) -> pb.Settings:
    """Read the settings."""
    return client.integrations.GetSettings(pb.GetSettingsRequest(name=NAME)).settings


def update(
    client: Client, values: dict[str, object], *paths: str, etag: str = ""
) -> pb.UpdateSettingsResponse:
    """Change settings given in their JSON form."""
    settings = ParseDict({"name": NAME, "etag": etag, **values}, pb.Settings())
    mask = FieldMask(paths=paths)
    return client.integrations.UpdateSettings(
        pb.UpdateSettingsRequest(settings=settings, update_mask=mask)
    )


def on(settings: pb.Settings) -> set[str]:
    """Return the toggles that are on."""
    return {name for name, value in settings.toggles.items() if value}


def violations(refusal: pytest.ExceptionInfo[InvalidArgument]) -> Sequence[str]:
    """Return the fields that were refused."""
    return [each.field for each in refusal.value.violations]


def test_settings_are_complete_from_the_start(client: Client) -> None:
    """Every toggle is there and off, every option at its default, whole numbers as such."""
    found = get(client)

    assert found.name == NAME
    assert dict(found.toggles) == dict.fromkeys(
        ("tax_rates", "contacts", "items", "invoices"), False
    )
    assert MessageToDict(found)["options"] == {
        "phone_field": "DEFAULT",
        "base_price_sync": False,
        "stock_limit": 10.0,
    }
    assert not found.HasField("update_time")


def test_turning_on_reaches_what_is_needed(client: Client) -> None:
    """Turning Invoices on turns on all it needs, and the answer tells which."""
    answer = update(client, {"toggles": {"invoices": True}})

    assert on(answer.settings) == {"tax_rates", "contacts", "items", "invoices"}
    assert set(answer.also_enabled) == {"tax_rates", "contacts", "items"}


def test_locked_toggle_cannot_be_turned_off(client: Client) -> None:
    """Turning off what others need is FAILED_PRECONDITION and names them."""
    update(client, {"toggles": {"items": True}})

    with pytest.raises(FailedPrecondition) as refusal:
        update(client, {"toggles": {"tax_rates": False}})

    assert refusal.value.reason == "TOGGLE_LOCKED"
    assert [each.subject for each in refusal.value.blockers] == ["items"]


def test_empty_mask_sets_what_is_present(client: Client) -> None:
    """Without a mask, keys that are present are set and the others stay."""
    update(client, {"options": {"phone_field": "MOBILE"}})

    answer = update(client, {"options": {"stock_limit": 3}})

    assert answer.settings.options["phone_field"] == "MOBILE"
    assert answer.settings.options["stock_limit"] == 3


def test_star_puts_the_rest_back_to_defaults(client: Client) -> None:
    """With ``*`` everything is set: what is missing goes back to its default."""
    update(
        client,
        {
            "toggles": {"contacts": True},
            "options": {"phone_field": "MOBILE"},
            "automatic_intervals": {"contacts": "300s"},
        },
    )

    answer = update(client, {"toggles": {"tax_rates": True}}, "*")

    assert on(answer.settings) == {"tax_rates"}
    assert answer.settings.options["phone_field"] == "DEFAULT"
    assert dict(answer.settings.automatic_intervals) == {}


def test_named_key_that_is_missing_goes_back(client: Client) -> None:
    """A key named by the mask and missing goes back to its default; others present are ignored."""
    update(client, {"toggles": {"contacts": True}, "options": {"phone_field": "MOBILE"}})

    answer = update(client, {"options": {"stock_limit": 1}}, "options.phone_field")

    assert answer.settings.options["phone_field"] == "DEFAULT"
    assert answer.settings.options["stock_limit"] == 10
    assert on(answer.settings) == {"contacts"}


def test_whole_map_is_replaced(client: Client) -> None:
    """A mask that names a map sets all of it."""
    update(client, {"toggles": {"contacts": True, "tax_rates": True}})

    answer = update(client, {"toggles": {"tax_rates": True}}, "toggles")

    assert on(answer.settings) == {"tax_rates"}


def test_intervals_come_back_as_given(client: Client) -> None:
    """An automatic interval is kept in seconds."""
    answer = update(client, {"automatic_intervals": {"contacts": "90s"}})

    assert answer.settings.automatic_intervals["contacts"].ToTimedelta() == timedelta(seconds=90)


def test_change_that_needs_a_full_read_says_so(client: Client) -> None:
    """Modules that will read everything again are named."""
    answer = update(client, {"options": {"phone_field": "NONE"}})

    assert list(answer.full_read_modules) == ["contacts"]


def test_unknown_and_unfit_keys_are_all_told(client: Client) -> None:
    """Keys nobody declares and values of the wrong kind are refused together."""
    with pytest.raises(InvalidArgument) as refusal:
        update(
            client,
            {
                "toggles": {"nobody": True},
                "options": {"phone_field": "PIGEON", "unheard": 1},
                "automatic_intervals": {"contacts": "5s"},
            },
        )

    assert sorted(violations(refusal)) == [
        "settings.automatic_intervals.contacts",
        "settings.options.phone_field",
        "settings.options.unheard",
        "settings.toggles.nobody",
    ]
    assert on(get(client)) == set()


def test_unknown_mask_path_is_refused(client: Client) -> None:
    """A mask may name only what settings have."""
    with pytest.raises(InvalidArgument) as refusal:
        update(client, {}, "toggles", "weather")

    assert violations(refusal) == ["update_mask.paths[1]"]


def test_interval_with_fractions_is_refused(client: Client) -> None:
    """Intervals are whole seconds."""
    settings = pb.Settings(name=NAME)
    settings.automatic_intervals["contacts"].CopyFrom(Duration(seconds=90, nanos=5))

    with pytest.raises(InvalidArgument) as refusal:
        client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))

    assert violations(refusal) == ["settings.automatic_intervals.contacts"]


def test_stale_etag_is_refused(client: Client) -> None:
    """A change on top of an older version is ABORTED and names the settings."""
    etag = get(client).etag
    update(client, {"toggles": {"contacts": True}}, etag=etag)

    with pytest.raises(Aborted) as refusal:
        update(client, {"toggles": {"contacts": False}}, etag=etag)

    assert (refusal.value.reason, refusal.value.resource) == ("STALE_ETAG", NAME)


def test_number_that_is_none_is_refused(client: Client) -> None:
    """NaN is no number for anything, and nothing breaks on it."""
    settings = pb.Settings(name=NAME)
    settings.options["stock_limit"] = float("nan")

    with pytest.raises(InvalidArgument) as refusal:
        client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))

    assert violations(refusal) == ["settings.options.stock_limit"]
