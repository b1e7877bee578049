"""Math-Verify over the cases of scripts/verifier-variants.ts --write: wrong rejections and acceptances.

    python3 -m venv ../math-verify && ../math-verify/bin/pip install math-verify==0.9.0
    npx tsx scripts/verifier-variants.ts --write variants.jsonl
    ../math-verify/bin/python bench/peers/math_verify_variants.py variants.jsonl 5

The second argument takes every n-th case. The reference is given as $...$, with the default targets; a case that takes
longer than three seconds is counted as rejected.
"""
import json
import logging
import sys
from collections import Counter

from math_verify import parse, verify

logging.disable(logging.CRITICAL)
step = int(sys.argv[2]) if len(sys.argv) > 2 else 1
rows = [json.loads(line) for line in open(sys.argv[1])][::step]
cases, failed, kinds = Counter(), Counter(), Counter()
for row in rows:
    gold = row["gold"] if row["gold"].startswith("$") else f"${row['gold']}$"
    try:
        right = verify(parse(gold, parsing_timeout=3), parse(row["pred"], parsing_timeout=3), timeout_seconds=3)
    except Exception:
        right = False
    cases[row["expect"]] += 1
    if right != row["expect"]:
        failed[row["expect"]] += 1
        kinds[("rejected" if row["expect"] else "accepted", row["kind"])] += 1
for (what, kind), count in kinds.most_common(30):
    print(f"{what}  {count}  {kind}")
for expect, name in ((True, "wrong rejections"), (False, "wrong acceptances")):
    print(f"{name}  {failed[expect]} of {cases[expect]}   {100 * failed[expect] / max(1, cases[expect]):.2f} %")
