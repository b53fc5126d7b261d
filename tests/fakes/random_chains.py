"""Random dependency chains for property tests, and the rules of the chain told a second time.

The rules here are written for being read, not for being fast, and share nothing with the product.
"""

from collections.abc import Collection, Mapping

from hypothesis import strategies as st

from scripted_modules import books, module, step
from syncline_sdk import ModuleSpec
from syncline_server.core.catalogue import Node, ProviderCatalogue

_LARGEST = 7
_TOGGLES = 4


@st.composite
def node_sets(draw: st.DrawFn) -> list[Node]:
    """Draw nodes without circles, in any order: modules that share toggles, and manual steps."""
    nodes: list[Node] = []
    for number in range(draw(st.integers(1, _LARGEST))):
        name = f"n{number}"
        earlier = [node.name for node in nodes]
        some = st.lists(st.sampled_from(earlier), unique=True) if earlier else st.just([])
        requires, after = draw(some), draw(some)
        toggle = draw(st.sampled_from([f"t{each}" for each in range(_TOGGLES)]))
        if draw(st.integers(0, 3)):
            nodes.append(module(name, requires=requires, after=after, toggle=toggle))
        else:
            nodes.append(step(name, requires=requires, after=after))
    return draw(st.permutations(nodes))


def chains() -> st.SearchStrategy[ProviderCatalogue]:
    """Draw checked chains."""
    return node_sets().map(lambda nodes: books(*nodes))


def all_required(chain: ProviderCatalogue, name: str) -> set[str]:
    """Return everything a node requires, directly or through others."""
    found: set[str] = set()
    for target in chain.nodes[name].requires:
        found |= {target} | all_required(chain, target)
    return found


def toggles_needed(chain: ProviderCatalogue, toggle: str) -> set[str]:
    """Return the toggles that must be on while this one is, itself among them."""
    found = {toggle}
    while True:
        governed = [each for each in chain.modules.values() if each.toggle.name in found]
        nodes = {name for each in governed for name in all_required(chain, each.name)}
        more = {chain.modules[name].toggle.name for name in nodes if name in chain.modules}
        if more <= found:
            return found
        found |= more


def is_on(chain: ProviderCatalogue, on: Collection[str], name: str) -> bool:
    """Tell whether a module's toggle is on, or all that a step requires."""
    node = chain.nodes[name]
    if isinstance(node, ModuleSpec):
        return node.toggle.name in on
    return all(is_on(chain, on, target) for target in node.requires)


def comes_before(chain: ProviderCatalogue, on: Collection[str], name: str) -> set[str]:
    """Return everything that must be complete before a node runs."""
    node = chain.nodes[name]
    direct = {*node.requires, *(each for each in node.after if is_on(chain, on, each))}
    return direct.union(*(comes_before(chain, on, each) for each in direct))


def is_complete(
    chain: ProviderCatalogue,
    on: Collection[str],
    succeeded: Collection[str],
    open_mappings: Mapping[str, int],
    name: str,
) -> bool:
    """Tell whether a node is on and done."""
    node = chain.nodes[name]
    if isinstance(node, ModuleSpec):
        return is_on(chain, on, name) and name in succeeded
    return (
        is_on(chain, on, name)
        and not open_mappings.get(name)
        and all(
            is_complete(chain, on, succeeded, open_mappings, target) for target in node.requires
        )
    )
