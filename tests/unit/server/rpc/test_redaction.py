from syncline.v1 import integration_pb2, run_pb2
from syncline_server.rpc.redaction import redacted


def test_secret_fields_are_replaced() -> None:
    """What the API marks as secret is not in the text, and the message stays as it was."""
    message = integration_pb2.CompleteConnectionRequest(
        state="planted-state", code="planted-code", error="access_denied"
    )

    text = redacted(message)

    assert "planted" not in text
    assert text.count("[redacted]") == 2
    assert "access_denied" in text
    assert message.code == "planted-code"


def test_everything_else_is_told() -> None:
    """Nested and repeated messages and maps come through."""
    node = integration_pb2.Node(id="contacts", blockers=[{"subject": "xero"}])
    settings = integration_pb2.Settings(toggles={"contacts": True})
    settings.automatic_intervals["contacts"].seconds = 90

    assert "xero" in redacted(integration_pb2.ListModulesResponse(modules=[node]))
    assert "90" in redacted(settings)
    assert redacted(run_pb2.GetRunRequest()) == ""
