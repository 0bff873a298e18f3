"""Runs Vowpal Wabbit over world files and prints one JSON line per run.

usage: vowpal.py FOLDER "NAME=OPTIONS" WORLD...

It gets what the taste model gets: traits, mood, part of the day, content type,
visitor, and the three levels of every strategy, with all products of a context
namespace and a strategy namespace and of two strategy namespaces.
"""

import array
import json
import pathlib
import random
import sys

import vowpalwabbit

ACTIONS = [(e, d, n) for e in range(3) for d in range(3) for n in range(3)]
BLOCKS = 50
CODES = {"uint8": "B", "uint32": "I", "float32": "f"}


def read(folder, name):
    header = json.loads((folder / f"{name}.json").read_text())
    data = (folder / f"{name}.bin").read_bytes()
    columns = {}
    for column in header["columns"]:
        values = array.array(CODES[column["dtype"]])
        count = 1
        for size in column["shape"]:
            count *= size
        values.frombytes(data[column["offset"] : column["offset"] + count * values.itemsize])
        columns[column["name"]] = values
    return header, columns


def run(learner, options, header, columns):
    seed = header["seed"]
    draws = random.Random(seed * 31 + 7)
    products = " ".join(f"-q {context}{level}" for context in "tmhcu" for level in "edn")
    workspace = vowpalwabbit.Workspace(
        f"--cb_explore_adf {options} {products} -q ed -q en -q dn --quiet -b 18 --random_seed {seed + 1}"
    )
    strategies = [f"|e e{e} |d d{d} |n n{n}" for e, d, n in ACTIONS]
    rounds, count = header["rounds"], len(ACTIONS)
    blocks = [[0.0, 0.0, 0.0] for _ in range(BLOCKS)]
    least = 1.0
    for t in range(rounds):
        user = columns["user"][t]
        traits = columns["traits"][5 * user : 5 * user + 5]
        shared = "shared |t " + " ".join(f"t{i}:{(score - 50) / 20:.3g}" for i, score in enumerate(traits))
        shared += f" |m m{columns['mood'][t]} |h h{columns['time_of_day'][t]}"
        shared += f" |c c{columns['content_type'][t]} |u u{user}"
        chances = workspace.predict([shared, *strategies])
        chosen = draws.choices(range(count), chances)[0]
        least = min(least, chances[chosen])
        expected = columns["expected"][t * count : (t + 1) * count]
        block = blocks[t * BLOCKS // rounds]
        block[0] += expected[chosen]
        block[1] += sum(expected) / count
        block[2] += max(expected)
        lines = [shared, *strategies]
        reward = columns["reward"][t * count + chosen]
        lines[chosen + 1] = f"{chosen}:{-reward:.4f}:{chances[chosen]:.6f} {strategies[chosen]}"
        workspace.learn(lines)
    workspace.finish()

    def score(part):
        earned, uniform, best = (sum(block[i] for block in part) for i in range(3))
        return (earned - uniform) / (best - uniform)

    return {
        "learner": learner,
        "size": header["size"],
        "kind": header["kind"],
        "seed": seed,
        "rounds": rounds,
        "score": score(blocks),
        "tail_score": score(blocks[BLOCKS - BLOCKS // 5 :]),
        "least_propensity": least,
        "blocks": blocks,
        "reactions": [0, 0, 0, 0],
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    learner, _, options = sys.argv[2].partition("=")
    for world in sys.argv[3:]:
        print(json.dumps(run(learner, options, *read(folder, world))), flush=True)


if __name__ == "__main__":
    main()
