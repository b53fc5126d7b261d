"""Who takes part in the story."""

from dataclasses import dataclass

from syncline_demo.config import Settings
from syncline_demo.story.simulator import SimulatedOrganisation, Simulator
from syncline_demo.story.stage import Stage
from syncline_demo.story.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Everything an act needs."""

    stage: Stage
    settings: Settings
    simulator: Simulator
    workspace: Workspace
    organisation: SimulatedOrganisation
