"""Sums up gcov's JSON: branches taken at least once, by file of core/emulate.

usage: coverage.py PERCENT GCOV-JSON [-v]    -v lists the branches never taken
Functions in headers are compiled many times: a branch counts as taken when any copy
has taken it.
"""
import json
import sys

FOLDER = "core/emulate/"


def branches(path):
    """{(file, line, index): times taken}, of all translation units together."""
    taken = {}
    with open(path, encoding="utf-8") as stream:
        units = [json.loads(line) for line in stream if line.strip()]
    for unit in units:
        for file in unit["files"]:
            if not file["file"].startswith(FOLDER):
                continue
            for line in file["lines"]:
                for index, branch in enumerate(line["branches"]):
                    key = (file["file"], line["line_number"], index)
                    taken[key] = taken.get(key, 0) + branch["count"]
    return taken


def main():
    wanted, path = float(sys.argv[1]), sys.argv[2]
    taken = branches(path)
    if not taken:
        print("coverage: gcov has told nothing")
        return 1
    by_file = {}
    for (file, _, _), count in taken.items():
        hit, total = by_file.get(file, (0, 0))
        by_file[file] = (hit + (count > 0), total + 1)
    for file, (hit, total) in sorted(by_file.items()):
        print(f"{file:36} {hit:5} of {total:5}  {100 * hit / total:5.1f} %")
    if "-v" in sys.argv:
        for file, line, index in sorted(key for key, count in taken.items() if not count):
            print(f"{file}:{line}: branch {index} never taken")
    hit = sum(count > 0 for count in taken.values())
    share = 100 * hit / len(taken)
    print(f"{'branch coverage of ' + FOLDER:36} {hit:5} of {len(taken):5}  {share:5.1f} %")
    if share < wanted:
        print(f"coverage: below {wanted:g} %")
        return 1
    return 0


sys.exit(main())
