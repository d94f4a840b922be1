"""How patient a rotation is. Real Entra is spread over the world; a sandbox need not be waited for.

Figures for production: new keys were seen live after 4 to 18 seconds, elsewhere in the world after minutes.
"""

from dataclasses import dataclass

from core.cloud import cloud


@dataclass(frozen=True)
class Profile:
    """Seconds, unless said otherwise."""

    settling: (
        float  # from publishing to the first proof: asking too early can make Entra remember its refusal
    )
    proofs: int  # successful proofs in a row, each with nothing cached
    gap: float  # from one proof to the next
    patience: float  # how long a published key may be refused before that counts as an error
    overlap: float  # how long the old key stays: the longest life of a worker, of an assertion, and the lag
    jitter: float  # rotations of many connections are spread over this


WORLDWIDE = Profile(settling=30, proofs=3, gap=300, patience=1800, overlap=24 * 3600, jitter=3600)
REHEARSAL = Profile(settling=0, proofs=2, gap=1, patience=300, overlap=60, jitter=0)

# By whether the cloud is a production one.
PROFILES = {True: WORLDWIDE, False: REHEARSAL}


def profile() -> Profile:
    return PROFILES[cloud().production]
