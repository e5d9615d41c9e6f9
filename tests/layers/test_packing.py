from typing import List

import torch
from hypothesis import given
from hypothesis import strategies as st

from spacy_bertsent.layers.packing import fill_up, pack_rows
from spacy_bertsent.layers.pieces import Row


def make_rows(lengths: List[int]) -> List[Row]:
    return [Row([100 * i + k for k in range(n)], [k % 2 for k in range(n)], 1, []) for i, n in enumerate(lengths)]


def test_by_hand() -> None:
    packing = pack_rows(make_rows([2, 3, 5]), first_position=2, alignment=4)
    assert packing.ids.tolist() == [0, 1, 100, 101, 102, 200, 201, 202, 203, 204]
    assert packing.types.tolist() == [0, 1, 0, 1, 0, 0, 1, 0, 1, 0]
    assert packing.positions.tolist() == [2, 3, 2, 3, 4, 2, 3, 4, 5, 6]
    assert packing.starts.tolist() == [0, 2, 5]
    assert [(g.start, g.rows, g.length) for g in packing.groups] == [(0, 2, 4), (8, 1, 8)]
    assert packing.pad is not None and packing.unpad is not None
    assert packing.pad.tolist() == [0, 1, 0, 0, 2, 3, 4, 2, 5, 6, 7, 8, 9, 5, 5, 5]
    assert packing.unpad.tolist() == [0, 1, 4, 5, 6, 8, 9, 10, 11, 12]
    assert packing.groups[0].mask is not None
    assert packing.groups[0].mask[:, 0, 0].tolist() == [[True, True, False, False], [True, True, True, False]]


def test_filled_up() -> None:
    packing = pack_rows(make_rows([2, 3, 5]), first_position=2, alignment=4, filled=True)
    exact = pack_rows(make_rows([2, 3, 5]), first_position=2, alignment=4)
    assert exact.pad is not None and len(exact.pad) == 16, "as many as there are with what is added"
    assert packing.n_pieces == exact.n_pieces == 10 and len(exact.ids) == 10
    for name, value in (("ids", 0), ("types", 0), ("positions", 2), ("unpad", 0)):
        have, want = getattr(packing, name), getattr(exact, name)
        assert have[:10].tolist() == want.tolist() and have[10:].tolist() == [value] * 6, name
    assert packing.pad is not None and exact.pad is not None and torch.equal(packing.pad, exact.pad)
    assert torch.equal(packing.starts, exact.starts)


def test_rows_that_need_no_padding_are_filled_up() -> None:
    packing = pack_rows(make_rows([4, 4]), alignment=4, filled=True)
    assert packing.pad is not None and packing.unpad is not None
    assert packing.pad.tolist() == list(range(8)) and packing.unpad.tolist() == [*range(8), *[0] * 8]
    full = pack_rows(make_rows([16]), filled=True)
    assert full.pad is None and len(full.ids) == 16


def test_rows_of_one_length_need_no_mask() -> None:
    packing = pack_rows(make_rows([2, 3, 3, 5]), alignment=1)
    assert packing.pad is None and [(g.rows, g.length, g.mask) for g in packing.groups] == [
        (1, 2, None), (2, 3, None), (1, 5, None),
    ]  # fmt: skip


@given(n=st.integers(1, 5000))
def test_few_numbers_are_filled_up_to(n: int) -> None:
    assert n <= fill_up(n) < n + 32 and fill_up(n) % 16 == 0
    assert n < 256 or fill_up(n) % 32 == 0


def test_rows_that_fit_are_not_padded() -> None:
    packing = pack_rows(make_rows([4, 4, 8]), alignment=4)
    assert packing.pad is None and packing.unpad is None
    assert [group.mask for group in packing.groups] == [None, None]


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=12), alignment=st.integers(1, 20))
def test_every_piece_goes_and_comes_back(lengths: List[int], alignment: int) -> None:
    rows = make_rows(lengths)
    packing = pack_rows(rows, alignment=alignment)
    assert packing.ids.tolist() == [i for row in rows for i in row.ids]
    assert sum(group.rows for group in packing.groups) == len(rows)
    padded = packing.ids if packing.pad is None else packing.ids[packing.pad]
    assert len(padded) == sum(group.rows * group.length for group in packing.groups)
    if packing.unpad is not None:
        assert torch.equal(padded[packing.unpad], packing.ids)
    row = iter(rows)
    for group in packing.groups:
        assert group.length % alignment == 0
        shape = group.rows, group.length
        part = padded[group.start : group.start + group.rows * group.length].view(shape)
        mask = torch.ones(shape, dtype=torch.bool) if group.mask is None else group.mask[:, 0, 0]
        for ids, real in zip(part, mask):
            assert ids[real].tolist() == next(row).ids
            assert real.tolist() == sorted(real.tolist(), reverse=True), "real pieces come first"
