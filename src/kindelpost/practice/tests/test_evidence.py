"""The chain is whole whatever happens while it is written, and whatever is done to it afterwards is found and named."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kindelpost.lib.errors import EngineFault
from kindelpost.practice.chain import canonical, line_hash, parse, signed
from kindelpost.practice.evidence import Store
from kindelpost.practice.export import Reader, export
from kindelpost.practice.tests.appending import body
from kindelpost.practice.verify import Broken, verify_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from time_machine import Traveller

    from kindelpost.practice.verify import Report

RECORDS = 12  # the key's, and the eleven below


@pytest.fixture
def lines(store: Store) -> list[bytes]:
    """An export of a chain of twelve records, with its seal."""
    for number in range(RECORDS - 1):
        store.append(body(number, "mx"))
    return exported(store)


def exported(store: Store, reader: Reader | None = None) -> list[bytes]:
    sink = io.BytesIO()
    export(store, sink, reader)
    return sink.getvalue().splitlines(keepends=True)


def check(lines: list[bytes], **more: Any) -> Report:  # noqa: ANN401 -- the options of verify_file
    return verify_file(io.BytesIO(b"".join(lines)), **more)


def test_what_is_written_verifies_and_tells_how_much_it_is(store: Store, lines: list[bytes]) -> None:
    report = check(lines)
    assert (report.records, report.shown, report.keys, report.client, report.silent) == (RECORDS, RECORDS, 1, None, 0)
    assert store.verify().hash == report.hash
    assert check(lines, expect=report.fingerprint.upper()).fingerprint == report.fingerprint


def test_a_record_says_what_the_practice_asks_for(lines: list[bytes]) -> None:
    asked = {"check", "version", "target", "expected", "observed", "verdict", "started", "ended", "collector", "inputs",
             "prev", "sig", "key", "ttl_s", "seq", "weaker", "kind", "client"}  # fmt: skip
    assert asked <= set(parse(lines[5][:-1]))


def _edit(lines: list[bytes]) -> None:
    lines[6] = lines[6].replace(b'"pass"', b'"fail"')


def _edit_one_digit(lines: list[bytes]) -> None:
    lines[6] = lines[6].replace(b"(5)", b"(6)")


def _delete(lines: list[bytes]) -> None:
    del lines[6]


def _swap(lines: list[bytes]) -> None:
    lines[6], lines[7] = lines[7], lines[6]


def _double(lines: list[bytes]) -> None:
    lines.insert(6, lines[6])


def _blanks(lines: list[bytes]) -> None:
    lines[6] = lines[6].replace(b'":', b'": ')


def _other_key(lines: list[bytes]) -> None:
    record = {name: value for name, value in parse(lines[6][:-1]).items() if name not in {"key", "sig"}}
    lines[6] = signed(record, Ed25519PrivateKey.generate()) + b"\n"


def _no_signature(lines: list[bytes]) -> None:
    lines[6] = canonical({**parse(lines[6][:-1]), "sig": base64.b64encode(bytes(64)).decode()}) + b"\n"


def _not_json(lines: list[bytes]) -> None:
    lines[6] = b"[" * 100_000 + b"\n"


def _no_record(lines: list[bytes]) -> None:
    lines[6] = b"7\n"


def _empty_record(lines: list[bytes]) -> None:
    lines[6] = b"{}\n"


def _fraction(lines: list[bytes]) -> None:
    lines[6] = lines[6].replace(b'"ttl_s":3600', b'"ttl_s":3600.0')


@pytest.mark.parametrize(
    "alter",
    [_edit, _edit_one_digit, _delete, _swap, _double, _blanks, _other_key, _no_signature, _not_json, _no_record, _empty_record,
     _fraction],
)  # fmt: skip
def test_the_first_record_that_was_tampered_with_is_named(lines: list[bytes], alter: Callable[[list[bytes]], None]) -> None:
    alter(lines)
    with pytest.raises(Broken) as found:
        check(lines)
    assert found.value.seq == (8 if alter is _double else 7), str(found.value)


def test_a_record_hidden_as_if_it_were_another_clients_is_found(lines: list[bytes]) -> None:
    record = parse(lines[6][:-1])
    hidden = {"type": "withheld", "seq": 7, "prev": record["prev"], "hash": line_hash(lines[6][:-1])}
    lines[6] = canonical(hidden) + b"\n"
    with pytest.raises(Broken, match="altered or hidden"):
        check(lines)


def test_a_file_cut_at_any_byte_is_found(lines: list[bytes]) -> None:
    whole = b"".join(lines)
    for end in (0, 1, len(lines[0]), len(lines[0]) + 1, len(whole) // 2, len(whole) - len(lines[-1]), len(whole) - 1):
        with pytest.raises(Broken):
            verify_file(io.BytesIO(whole[:end]))


def test_a_last_record_taken_out_under_the_seal_is_found(lines: list[bytes]) -> None:
    del lines[-2]
    with pytest.raises(Broken, match="its seal says record 12"):
        check(lines)


def test_nothing_may_follow_the_seal(lines: list[bytes]) -> None:
    with pytest.raises(Broken, match="follows the seal"):
        check([*lines, lines[-1]])


def test_a_chain_of_another_key_is_found_by_the_published_fingerprint(lines: list[bytes], tmp_path: Path) -> None:
    forged = Store(tmp_path / "forged", tmp_path / "forged.key")
    forged.append(body(1, "mx"))
    real = check(lines).fingerprint
    assert check(exported(forged)).records == 2
    with pytest.raises(Broken, match="not the expected one"):
        check(exported(forged), expect=real)


def test_history_rewritten_with_the_right_key_is_found_by_a_head_kept_earlier(
    store: Store, lines: list[bytes], tmp_path: Path
) -> None:
    head = store.head()
    rewritten = Store(tmp_path / "again", store.keys.path)
    for number in range(RECORDS):
        rewritten.append(body(number, "mx", verdict="warn"))
    assert check(lines, heads=[head]).records == RECORDS
    check(exported(rewritten))
    with pytest.raises(Broken, match="rewritten"):
        check(exported(rewritten), heads=[head])


def test_a_store_whose_end_was_cut_off_is_found_by_its_head(store: Store, lines: list[bytes]) -> None:
    assert store.write_head() is not None
    segment = next(store.folder.glob("*.jsonl"))
    segment.write_bytes(b"".join(segment.read_bytes().splitlines(keepends=True)[:-3]))
    with pytest.raises(Broken, match="is not there"):
        store.verify()


def test_a_check_that_was_silent_for_longer_than_its_result_holds_is_told(store: Store, clock: Traveller) -> None:
    store.append(body(1, "mx"), body(1, "other"))
    clock.shift(3599)
    store.append(body(2, "mx"))
    clock.shift(7300)
    store.append(body(3, "mx"))
    report = check(exported(store))
    assert [(gap.target, int((gap.until - gap.since).total_seconds())) for gap in report.gaps] == [
        ("other", 7299),
        ("mx", 3699),
    ]
    assert report.silent == 2


def test_a_target_that_is_gone_leaves_no_gap(store: Store, clock: Traveller) -> None:
    gone = {name: value for name, value in body(1, "mx").items() if name in {"check", "target", "client", "sees", "clauses"}}
    store.append(body(1, "mx"), {**gone, "type": "retired"})
    clock.shift(100_000)
    assert check(exported(store)).silent == 0


def test_a_day_has_a_segment_and_a_head_of_its_own(store: Store, clock: Traveller) -> None:
    store.append(body(1, "mx"))
    assert store.write_head() == store.folder / "heads/2026-11-24.json"
    assert store.write_head() is None
    clock.shift(86_400)
    store.append(body(2, "mx"))
    assert store.write_head() is not None
    clock.shift(-2 * 86_400)  # a clock that was put back
    store.append(body(3, "mx"))
    assert [path.name for path in sorted(store.folder.glob("*.jsonl"))] == ["2026-11-24.jsonl", "2026-11-25.jsonl"]
    assert store.verify().records == 4


def test_a_key_is_introduced_by_the_one_before_it(store: Store) -> None:
    store.append(body(1, "mx"))
    first = check(exported(store)).fingerprint
    second = store.rotate_key()
    store.append(body(2, "mx"))
    other = Store(store.folder, store.keys.path)  # another process, which had the old key
    other.append(body(3, "mx"))
    store.rotate_key()
    store.append(body(4, "mx"))
    report = check(exported(store), heads=[store.head()])
    assert (report.fingerprint, report.keys, report.records) == (first, 3, 7)
    assert second != first
    assert store.keys.path.stat().st_mode & 0o777 == 0o400


@pytest.mark.parametrize("introduced", [True, False])
def test_a_replacement_of_the_key_that_was_interrupted_is_finished_or_forgotten(store: Store, introduced: bool) -> None:  # noqa: FBT001 -- a parameter
    store.append(body(1, "mx"))
    old = store.keys.load(new=False, introduced=str)
    new = store.keys.prepare()
    if introduced:  # what rotate_key writes before it is interrupted
        store._write(store._tail(), old, [store._introduction(new)])
    before = store.keys.path.read_bytes()
    again = Store(store.folder, store.keys.path)
    again.append(body(2, "mx"))
    assert (again.keys.path.read_bytes() != before) == introduced
    assert not again.keys.next.exists()
    assert again.verify().records == (4 if introduced else 3)


def test_a_chain_that_lost_its_key_gets_no_new_one_in_silence(store: Store) -> None:
    store.append(body(1, "mx"))
    store.keys.path.unlink()
    with pytest.raises(EngineFault, match="is gone") as found:
        Store(store.folder, store.keys.path).append(body(2, "mx"))
    assert found.value.code == "evidence-key"
    assert not store.keys.path.exists()


def test_half_a_line_of_a_dead_writer_is_cut_off_and_that_is_told(store: Store) -> None:
    store.append(body(1, "mx"))
    segment = next(store.folder.glob("*.jsonl"))
    with segment.open("ab") as file:
        file.write(b'{"check":"P3.1","cl')
    store.append(body(2, "mx"))
    kinds = [json.loads(line)["type"] for line in segment.read_bytes().splitlines()]
    assert kinds == ["key", "result", "repair", "result"]
    assert json.loads(segment.read_bytes().splitlines()[2])["cut"] == 19
    assert store.verify().records == 4


def test_a_first_line_that_was_never_finished_begins_the_chain_anew(store: Store, clock: Traveller) -> None:
    store.folder.mkdir()
    (store.folder / "2026-11-24.jsonl").write_bytes(b'{"type":"k')
    store.append(body(1, "mx"))
    assert store.verify().shown >= 2


def test_a_full_disk_leaves_nothing_of_what_did_not_fit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append(body(1, "mx"))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("kindelpost.practice.evidence.os.fsync", full)
        with pytest.raises(EngineFault, match="No space left"):
            store.append(body(2, "mx"), body(3, "mx"))
    store.append(body(4, "mx"))
    assert store.verify().records == 3


def test_a_broken_last_record_stops_writing_until_somebody_has_looked(store: Store) -> None:
    store.append(body(1, "mx"))
    segment = next(store.folder.glob("*.jsonl"))
    segment.write_bytes(segment.read_bytes() + b"nonsense\n")
    with pytest.raises(EngineFault, match="cannot be read"):
        store.append(body(2, "mx"))


def test_files_are_their_owners_alone(store: Store) -> None:
    store.append(body(1, "mx"))
    store.write_head()
    modes = {path.name: path.stat().st_mode & 0o777 for path in store.folder.rglob("*") if path.is_file()}
    assert set(modes.values()) == {0o600}
    assert store.keys.path.stat().st_mode & 0o777 == 0o400


ALFA, BETA = {"id": 1, "slug": "alfa"}, {"id": 2, "slug": "beta"}


def test_a_clients_export_verifies_and_holds_nothing_of_another(store: Store) -> None:
    store.append(
        body(1, "mx"),
        body(2, "alfa.test", client=ALFA, observed="of alfa"),
        body(3, "beta.test", client=BETA, observed="of beta"),
        body(4, "inner", sees="provider", observed="of the provider alone"),
        body(5, "alfa.test", client=ALFA, sees="provider", observed="about alfa, the provider's"),
        body(6, "old.test", client={"id": 9, "slug": "alfa"}, observed="of an earlier client of that name"),
    )
    lines = exported(store, Reader(1, "alfa"))
    report, text = check(lines), b"".join(lines).decode()
    assert (report.records, report.shown, report.client) == (7, 3, "alfa")
    assert "of alfa" in text
    for hidden in ("of beta", "beta.test", "of the provider", "about alfa", "of an earlier", "old.test", "inner"):
        assert hidden not in text


def test_an_empty_store_exports_too(store: Store) -> None:
    report = check(exported(store))
    assert (report.records, report.shown) == (1, 1)
