"""
Holds report files to docs/report.schema.json, then damages the first of them, one place
at a time: neither the schema nor `diptych merge` may take it. Speaks TAP, without a plan.

usage: report_schema.py DIPTYCH SCHEMA REPORT...
"""
import copy
import json
import subprocess
import sys
import tempfile

import jsonschema

diptych, schema_file, files = sys.argv[1], sys.argv[2], sys.argv[3:]
schema = json.load(open(schema_file))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def tell(ok, rule, more=""):
    print("ok" if ok else "not ok", "-", rule)
    if not ok:
        print("#", more)


def errors(report):
    return [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(report)]


def refusal(report):
    """What merge says to it: one line and status 2, or "" when it takes it."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        json.dump(report, f)
        f.flush()
        ran = subprocess.run([diptych, "merge", f.name], capture_output=True, text=True)
    if ran.returncode != 2 or ran.stdout or ran.stderr.count("\n") != 1:
        return ""
    return ran.stderr.removeprefix(f"diptych: {f.name}: ")


def place(report, path):
    """The object and key that a path such as runs/0/exits/total ends in."""
    *above, last = [int(p) if p.isdigit() else p for p in path.split("/")]
    for key in above:
        report = report[key]
    return report, last


GONE = object()
HUGE = 1 << 63
RUN = "runs/0/"
# Place, what is put there, and the place as it is told (None: only the schema minds).
DAMAGES = [
    ("schema", "diptych-report/2", "schema"),
    ("schema", GONE, "schema"),
    ("schema", 1, "schema"),
    ("runs", {}, "runs"),
    ("runs", GONE, "runs"),
    ("runs/0", [], "runs[0]"),
    ("more", 1, None),
] + [(RUN + key, GONE, "runs[0]." + key) for key in (
    "guest", "guest_sha256", "rung", "options", "machine", "cpu", "outcome", "reason",
    "output_sha256", "exits", "exits/total", "exits/observe", "exits/by_reason",
    "instructions", "instructions/total", "instructions/guest",
    "instructions/hypervisor", "timeline", "timeline/0/at", "timeline/0/mode",
    "timeline/0/ran_as", "timeline/0/exits", "timeline/0/instructions", "controls")
] + [(RUN + key, GONE, None) for key in (
    "fingerprint", "fingerprint/nesting", "fingerprint/diptych", "fingerprint/registers",
    "fingerprint/family", "fingerprint/emulator", "end", "code", "unit")
] + [(RUN + key, value, "runs[0]." + key) for key in (
    "exits/total", "exits/observe", "exits/by_reason/io", "instructions/total",
    "instructions/guest", "instructions/hypervisor", "timeline/0/at",
    "timeline/0/exits", "timeline/0/instructions", "cpu/family",
    "fingerprint/stepping") for value in (-1, 1.5, "1", None, True, [], HUGE)
] + [(RUN + key, value, "runs[0]." + key) for key in (
    "guest", "rung", "machine", "reason", "options/observe", "timeline/0/mode",
    "cpu/vendor", "fingerprint/nesting", "fingerprint/registers/cpuid_8000000a_edx",
    "unit", "end") for value in (0, None, {}, "a\tb", "\x7f", "\x85")
] + [(RUN + key, value, "runs[0]." + key) for key in (
    "guest_sha256", "output_sha256") for value in ("00", "g" * 64, "A" * 64, 0)
] + [
    (RUN + "guest", "", "runs[0].guest"),
    (RUN + "outcome", "fine", "runs[0].outcome"),
    (RUN + "outcome", 1, "runs[0].outcome"),
    (RUN + "code", -1, "runs[0].code"),
    (RUN + "code", "0", "runs[0].code"),
    (RUN + "timeline", {}, "runs[0].timeline"),
    (RUN + "timeline/1", 7, "runs[0].timeline[1]"),
    (RUN + "controls/vmcb.cr0", -1, "runs[0].controls.vmcb.cr0"),
    (RUN + "controls/vmcb.cr0", [], "runs[0].controls.vmcb.cr0"),
    (RUN + "cpu/capabilities/svm", None, "runs[0].cpu.capabilities.svm"),
    (RUN + "exits/by_reason/a\nb", 1, "runs[0].exits.by_reason.a?b"),
    # What the reader leaves alone, for the sake of later versions.
    (RUN + "rung", "svm-magic", None),
    (RUN + "end", "gone", None),
    (RUN + "unit", "hours", None),
    (RUN + "code", 256, None),
    (RUN + "timeline/0/mode", "16bit", None),
    (RUN + "timeline/0/ran_as", "luck", None),
    (RUN + "fingerprint/nesting", "dreamt", None),
    (RUN + "fingerprint/diptych", "yesterday", None),
    (RUN + "fingerprint/registers/cpuid_8000000a_edx", "1", None),
    (RUN + "controls/vmcb.cr0", "0x1", None),
    (RUN + "reason", "but it passed", None),
    (RUN + "fingerprint", {}, None),
    (RUN + "more", 1, None),
    (RUN + "exits/more", 1, None),
    (RUN + "timeline/0/more", 1, None),
]

for name in files:
    found = errors(json.load(open(name)))
    tell(not found, f"{name.split('/')[-1]} is what docs/report.schema.json says", found[:3])

# A run with counts, a timeline and registers.
sound = json.load(open(files[0]))
sound["runs"] = [r for r in sound["runs"] if r["rung"] == "svm-npt"][:1]
tell(not errors(sound) and not refusal(sound), "the run to be damaged is sound")
missed, named = [], []
for path, value, told in DAMAGES:
    report = copy.deepcopy(sound)
    holder, key = place(report, path)
    what = f"{path} = {'nothing' if value is GONE else json.dumps(value)}"
    if value is GONE:
        del holder[key]
    else:
        holder[key] = value
    if not errors(report):
        missed.append(what)
    if told is not None:
        said = refusal(report)
        # 2^63 is no number that the parser takes: it tells line and column.
        wanted = "line 1, column" if value == HUGE else told.replace("/", ".")
        wanted = wanted.replace("timeline.0", "timeline[0]")
        if not said.startswith(wanted):
            named.append(f"{what}: {said!r}")
    elif value != "diptych-report/2" and refusal(report):
        named.append(f"{what}: refused, {refusal(report)!r}")
tell(not missed, f"the schema refuses {len(DAMAGES)} damages", missed)
tell(not named, "merge refuses by their place those that are not a later version's", named)
