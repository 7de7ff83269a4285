"""Whether the trees of a model that was read stay within their bounds.

scikit-learn follows the indices in a tree without a look. In a file that was made to, they lead out of the
array: into a crash, or into the process's other memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAF = -1


class Part(NamedTuple):
    """An object inside a model, and the object that it is an attribute of."""

    value: Any
    owner: Any


def is_sound(model: object) -> bool:
    """Tell whether every tree in a model stays within its bounds.

    Parameters
    ----------
    model : object
        Of types that are trusted otherwise.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> is_sound(DecisionTreeRegressor().fit([[1], [2]], [3, 4]))
    True
    """
    return all(_part_is_sound(part) for part in _parts(model))


def _parts(model: object) -> Iterator[Part]:
    seen: dict[int, Any] = {}
    waiting = [Part(model, None)]
    while waiting:
        part = waiting.pop()
        value = part.value
        key = id(value)
        if type(value).__name__ != "Tree" and key in seen:
            continue
        seen[key] = value
        yield part
        if isinstance(value, dict):
            waiting += [Part(each, part.owner) for each in value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += [Part(each, part.owner) for each in value]
        elif getattr(getattr(value, "dtype", None), "hasobject", False):
            waiting += [Part(each, part.owner) for each in value.ravel().tolist()]
        if not isinstance(value, type):
            waiting += [Part(each, value) for each in getattr(value, "__dict__", {}).values()]


def _part_is_sound(part: Part) -> bool:
    name = f"{type(part.value).__module__}.{type(part.value).__qualname__}"
    if name == "sklearn.tree._tree.Tree":
        return _tree_is_sound(part.value, part.owner)
    if name == "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor":
        return _predictor_is_sound(part.value, part.owner)
    if name in {"sklearn.neighbors._kd_tree.KDTree", "sklearn.neighbors._ball_tree.BallTree"}:
        return _is_as_if_built(part.value)
    if name.startswith("sklearn.ensemble._gb."):
        return _boosting_is_sound(part.value)
    return True


def _tree_is_sound(tree: Any, owner: Any) -> bool:
    held: dict[str, Any] = getattr(owner, "__dict__", {})
    features = tree.n_features
    if id(held.get("tree_")) != id(tree) or held.get("n_features_in_") != features:
        return False  # an estimator lets through data of the width that it says
    nodes = tree.__getstate__()["nodes"]
    if len(nodes) != tree.node_count or not len(nodes):
        return False
    inner = nodes["left_child"] != _LEAF
    return _leads_on(nodes, inner, ("left_child", "right_child")) and _within(
        nodes["feature"][inner], features
    )


def _predictor_is_sound(predictor: Any, owner: Any) -> bool:
    nodes, features = predictor.nodes, getattr(owner, "_n_features", 0)
    if not len(nodes) or nodes["is_categorical"].any():
        return False
    inner = nodes["is_leaf"] == 0
    return _leads_on(nodes, inner, ("left", "right")) and _within(nodes["feature_idx"][inner], features)


def _leads_on(nodes: Any, inner: Any, fields: tuple[str, str]) -> bool:
    """Tell whether each inner node leads to later nodes alone, so that every way ends."""
    import numpy as np

    places = np.arange(len(nodes))[inner]
    return all(
        bool((nodes[field][inner] > places).all()) and _within(nodes[field][inner], len(nodes))
        for field in fields
    )


def _within(indices: Any, end: int) -> bool:
    return bool(((indices >= 0) & (indices < end)).all())


def _boosting_is_sound(model: Any) -> bool:
    """Tell whether what a boosted model passes to its trees is as wide as they take it to be."""
    trees = getattr(model, "estimators_", None)
    if trees is None:
        return True
    if getattr(trees, "ndim", 0) != 2 or trees.shape[1] != getattr(model, "n_trees_per_iteration_", None):
        return False
    return all(
        getattr(tree, "n_features_in_", None) == model.n_features_in_ and tree.tree_.n_outputs == 1
        for tree in trees.ravel().tolist()
    )


def _is_as_if_built(tree: Any) -> bool:
    """Tell whether a tree of neighbours is what building it from its data gives."""
    import numpy as np

    state = tree.__getstate__()
    built = type(tree)(np.asarray(state[0]), leaf_size=state[4], metric=state[11], sample_weight=state[12])
    return all(
        np.array_equal(one, other) if isinstance(one, np.ndarray) else type(one) is type(other)
        for one, other in zip(state[:4], built.__getstate__()[:4], strict=True)
    ) and list(state[4:7]) == list(built.__getstate__()[4:7])
