"""Network files, GraphML and GEXF, as two sheets: of organizations and of ties."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from ci_sim.partners.account import Account
from ci_sim.partners.files import Sheet, tidy
from ci_sim.partners.words import plain


def sheets_of_network(path: Path, account: Account) -> list[Sheet]:
    """Return a sheet of nodes, with their attributes, and one of edges; an undirected network's edges are mutual ties.

    Raises:
        UserError: if it is not a network.
    """
    import networkx as nx

    try:
        graph = nx.read_graphml(path) if path.suffix.lower() == ".graphml" else nx.read_gexf(path)
    except (nx.NetworkXError, ParseError, ValueError, KeyError, TypeError, AttributeError, OSError):
        raise account.refuse("not_network", path=path) from None
    nodes = [dict(facts) | {"id": node} for node, facts in graph.nodes(data=True)]
    if nodes and not any(plain(name) in ("name", "label") for facts in nodes for name in facts):
        nodes = [facts | {"name": facts["id"]} for facts in nodes]
    edges = [
        {"source": source, "target": target, "direction": "directed" if graph.is_directed() else "mutual"}
        | {name: value for name, value in facts.items() if name not in ("source", "target", "id")}
        for source, target, facts in graph.edges(data=True)
    ]
    return [Sheet(path, name, _rows(table)) for name, table in (("nodes", nodes), ("edges", edges)) if table]


def _rows(table: list[dict[str, Any]]) -> list[list[str]]:
    header = list(dict.fromkeys(name for facts in table for name in facts))
    return [header, *([tidy(_at_the_end(facts.get(name, ""))) for name in header] for facts in table)]


def _at_the_end(value: Any) -> Any:
    """Return the last of the values of an attribute that changes in time, which GEXF gives with their spells."""
    return value[-1][0] if isinstance(value, list) and value and isinstance(value[-1], tuple) else value
