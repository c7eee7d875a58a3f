"""Verifies an exported ledger with aics-tlog, an implementation that is not ours.

usage: verify_export.py FOLDER VERIFIER_KEY SEQ...
Prints one line of JSON; exits 1 where anything does not hold.
"""

import hashlib
import json
import sys
from pathlib import Path

from aics_tlog import (
    FileSystemTileReader,
    VerifiedTileReader,
    audit_tiles,
    consistency_proof_from_tiles,
    inclusion_proof_from_tiles,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    read_entry,
    tree_root_from_tiles,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
)


def opened(folder: Path, seq: int) -> bytes:
    """The entry that a disclosed record and its salt give."""
    text = (folder / "records" / f"{seq}.json").read_bytes()
    tail = text.rindex(b',"salt":"')
    record = text[len(b'{"record":') : tail]
    return hashlib.sha256(bytes.fromhex(json.loads(text)["salt"]) + record).digest()


def main() -> int:
    folder, key = Path(sys.argv[1]), parse_vkey(sys.argv[2])
    note = parse_note((folder / "checkpoint").read_bytes())
    signed = verify_checkpoint(note, key, expected_origin=key.name)
    checkpoint = parse_checkpoint(note.text)
    reader = FileSystemTileReader(folder)
    audit = audit_tiles(reader, checkpoint.size, checkpoint.root)
    proven = VerifiedTileReader(reader, checkpoint.size, checkpoint.root)
    entries = True
    for seq in map(int, sys.argv[3:]):
        entry = read_entry(proven, seq, checkpoint.size)
        path = inclusion_proof_from_tiles(proven, seq, checkpoint.size)
        entries &= entry == opened(folder, seq)
        entries &= verify_leaf_inclusion(entry, seq, checkpoint.size, path, checkpoint.root)
        old_root = tree_root_from_tiles(proven, seq + 1, checkpoint.size)
        path = consistency_proof_from_tiles(proven, seq + 1, checkpoint.size)
        entries &= verify_consistency(seq + 1, checkpoint.size, old_root, checkpoint.root, path)
    result = {
        "signed": bool(signed.log_ok),
        "size": checkpoint.size,
        "tiles": audit.tiles,
        "bundles": audit.bundles,
        "entries": entries,
    }
    print(json.dumps(result))
    return 0 if signed.log_ok and entries else 1


if __name__ == "__main__":
    sys.exit(main())
