"""Synchronized random streams: every draw is a pure function of (seed, week, who, whom, purpose).

Two scenarios with the same seed therefore see the same luck wherever their decisions coincide (common random numbers:
Klein et al. 2024). The generator is Philox4x32-10, a counter-based generator that passes BigCrush (Salmon et al. 2011,
"Parallel random numbers: as easy as 1, 2, 3", SC11); the counter is (week, who, whom, purpose) and the key is the seed.
"""

import math

import numpy as np

from ci_sim.compilation.compiled import compiled, entry
from ci_sim.rules.arithmetic import cos_sin, log

# Purposes: one number for each kind of draw, so that no two kinds share a stream.
REPLICATE, CONTEXT, ORIENTATION, POSITION, TRAITS, STARTING_TRUST, ACQUAINTANCE = range(7)
ORDER, CONTACTS, CANDIDATE_TIES, CANDIDATE_MEMBERS, CAUCUS, INTRODUCTION = range(7, 13)
PERCEPTION, MAPPING, _PERCEPTION_2, ATTENDANCE, JOINT_STEP, CONTRIBUTION, OBSERVATION = range(13, 20)
CHOICE, TURNOVER, ELECTION, CHARTER, PILOT, MANNERS, SEASON = range(20, 27)
BOARD, FUNDING, FEDERATION, SPOKESPERSON = range(27, 31)

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_UNIT = 2.0**-32


@compiled
def philox(key, c0, c1, c2, c3):
    """Return the four 32-bit words of Philox4x32-10 for a 64-bit key and a counter of four 32-bit words (as uint64)."""
    k0, k1 = key & _LOW, key >> _HALF
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (p1 >> _HALF) ^ c1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@compiled
def uniforms(seed, week, who, whom, purpose):
    """Return four independent draws from the open interval (0, 1)."""
    a, b, c, d = philox(np.uint64(seed), np.uint64(week), np.uint64(who), np.uint64(whom), np.uint64(purpose))
    return (float(a) + 0.5) * _UNIT, (float(b) + 0.5) * _UNIT, (float(c) + 0.5) * _UNIT, (float(d) + 0.5) * _UNIT


@compiled
def uniform(seed, week, who, whom, purpose):
    """Return one draw from the open interval (0, 1)."""
    return uniforms(seed, week, who, whom, purpose)[0]


@compiled
def uniform_each(seed, week, purpose, row):
    """Write into `row` one draw for each organization 0, 1, …: several at a time, in the lanes of the processor."""
    for who in range(row.shape[0]):
        row[who] = uniform(seed, week, who, 0, purpose)


@compiled
def uniform_row(seed, week, who, count, whom, purpose, row):
    """Write into `row` one draw for each of the first `count` organizations in `who`."""
    for x in range(count):
        row[x] = uniform(seed, week, who[x], whom, purpose)


@compiled
def uniforms_row(seed, week, who, whom, count, purpose, rows, row):
    """Write into four rows, from `row` on, independent draws for each of the first `count` pairs of `who` and `whom`."""
    for x in range(count):
        a, b, c, d = uniforms(seed, week, who[x], whom[x], purpose)
        rows[row, x], rows[row + 1, x], rows[row + 2, x], rows[row + 3, x] = a, b, c, d


@compiled
def _box_muller(a, b):
    radius = math.sqrt(-2.0 * log(a))
    cosine, sine = cos_sin(b)
    return radius * cosine, radius * sine


@compiled
def normal_pair(seed, week, who, whom, purpose):
    """Return two independent standard normal draws (Box and Muller 1958)."""
    a, b, _, _ = uniforms(seed, week, who, whom, purpose)
    return _box_muller(a, b)


@compiled
def normals(seed, week, who, whom, purpose):
    """Return four independent standard normal draws, the first two those of `normal_pair`."""
    a, b, c, d = uniforms(seed, week, who, whom, purpose)
    x, y = _box_muller(a, b)
    z, w = _box_muller(c, d)
    return x, y, z, w


@compiled
def replicate_seed(seed, replicate):
    """Return the seed of a replicate of a study: 52 bits, so that spreadsheets and JSON keep it exactly."""
    a, b, _, _ = philox(np.uint64(seed), np.uint64(replicate), np.uint64(0), np.uint64(0), np.uint64(REPLICATE))
    return int(a) * 2**20 + int(b & np.uint64(0xFFFFF))


@entry
def _fill_seeds(seed, replicates, seeds):
    """Fill `seeds` with those of some replicates of a study."""
    for r in range(seeds.shape[0]):
        seeds[r] = replicate_seed(seed, replicates[r])


def seeds_of_replicates(seed: int, replicates: np.ndarray) -> np.ndarray:
    """Return the seeds of some replicates of a study, given by number; an int64 array of their shape, (n,)."""
    seeds = np.empty(len(replicates), dtype=np.int64)
    _fill_seeds(seed, np.ascontiguousarray(replicates, dtype=np.int64), seeds)
    return seeds


def replicate_seeds(seed: int, replicates: int) -> np.ndarray:
    """Return the seeds of the replicates 0 … replicates - 1 of a study, an int64 array of shape (replicates,).

    Replicate r has the same seed in every scenario and however many replicates are asked for.
    """
    return seeds_of_replicates(seed, np.arange(replicates))
