/* A C twin of the rules that the scenario `baseline` reaches: the limit that the compiled engine is measured against.
 *
 * Each rule bears the name of the function in src/ci_sim that it mirrors, and draws the same numbers for the same
 * (seed, week, who, whom, purpose), so that the outcomes can be compared run by run. Left out is what the baseline
 * cannot reach: stages, the sixth component with its charter, caucuses, events, given tables, positions of other than two dimensions,
 * levers that begin after the first week. The program is scalar; where it pays, a loop is kept plain enough for the
 * compiler to vectorize.
 *
 *     gcc -O3 -march=native -shared -fPIC -o twin.so twin.c -lm
 *
 * with -DSEQUENTIAL an unkeyed generator instead; -DSINGLE single precision; -DSIDE_BY_SIDE=8 so many replicates through
 * each week before the next; -DTAILS_TWICE the chances behind each decision once more, to see what they take.
 */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef SINGLE
#include <tgmath.h>
#define double float
#endif
#ifndef SIDE_BY_SIDE
#define SIDE_BY_SIDE 1
#endif

#define OUTCOMES 54    /* the length of engine.OUTCOME_ROW */
#define EXACT_LIMIT 20 /* up to so many partners the commitment probability is exact */
#define MIDDLE 3       /* of the seven Gauss-Hermite nodes */
#define LANES 8        /* draws made side by side */
#define GROUP 16       /* partners compared side by side */
#define TAU (2.0 * M_PI)

enum { UNINVITED, MEMBER, LEFT };
enum { NO_AGREEMENT, UNDERSTANDING, JOINT_STEP, SIGNED };
enum { CONTACT, STEP_KEPT, STEP_BROKEN };
enum { UPKEEP_HOURS, CAUCUS_HOURS, MEETING_HOURS, MAPPING_HOURS, STEP_HOURS, CONTRIBUTION_HOURS, HOURS_PURPOSES };
enum { STANDS, NO_GAIN, NO_BELIEF, NO_MANDATE, NO_SIGNATURE, NO_BREADTH, BROKEN_OFF };
enum { YES = 1, NO = -1 };
enum { CONFLICT, SPREAD, RELIABILITY, URGENCY, TRUST, DIFFICULTY, CONTEXTS };
enum {
    ON_CONTEXT = 1, ON_ORIENTATION, ON_POSITION, ON_TRAITS, ON_STARTING_TRUST, ON_ACQUAINTANCE,
    ON_ORDER, ON_CONTACTS, ON_CANDIDATE_TIES, ON_CANDIDATE_MEMBERS, ON_CAUCUS, ON_INTRODUCTION,
    ON_PERCEPTION, ON_MAPPING, ON_PERCEPTION_2, ON_ATTENDANCE, ON_JOINT_STEP, ON_CONTRIBUTION, ON_OBSERVATION,
    ON_CHOICE, ON_TURNOVER, ON_ELECTION, ON_CHARTER, ON_PILOT, ON_MANNERS, ON_SEASON,
    ON_BOARD, ON_FUNDING, ON_FEDERATION, ON_SPOKESPERSON
};

/* What the baseline reads of the rules, in the order of c_twin.PARAMETERS. */
typedef struct {
    double half_life, broken_weight, prior_weight, generalization;
    double willingness, willingness_half_life, willingness_evidence;
    double group_prior, group_prior_weight, inside_weight, group_evidence;
    double rate, meeting_hours, homophily;
    double bound, convergence, misperception, voice;
    double contact_stake, step_hours, observation, season, season_weeks;
    double step_trust, signing_trust;
    double cost, noise, shared_fate, windows, quorum, known, formation_weeks;
    double salience_half_life, win, participation_cost, turnover, turnover_loss, patience;
    double upkeep, crowding, easing, reporting, contact_saving, staff, introduction_hours, fund, wage;
    double common_agenda, mutually_reinforcing_activities, shared_measurement, continuous_communication, backbone;
    double capacity, capacity_spread, influence_spread, salience_spread, reliability_spread, trust_spread;
    double listening_spread, firmness;
    double trust_homophily, acquaintances, acquaintances_within, acquaintance_evidence;
    double mandates, board_weeks, instalment, funding_weeks, reserve_weeks, difference;
    double profile_capacity[3], profile_influence[3], profile_spread[3], profile_trust_homophily[3];
    double profile_acquaintances_within[3], profile_turnover[3], profile_board_weeks[3];
    double context_low[CONTEXTS], context_high[CONTEXTS];
} Parameters;

/* Four cache lines; what others ask of an organization week by week stands in the first. */
typedef struct {
    double record_kept, record_broken;
    double position[2];
    double reliability, salience;
    int8_t sector, membership, decided, intends, committed, contributed, word;
    int16_t degree, signed_, discontent;
    int32_t seat;
    double prior[3]; /* starting trust times prior_weight */
    double outlook_kept[3], outlook_broken[3];
    double capacity, influence, participation, expected_share, hours_left, hours_spent;
    double mean_trust, mean_willingness, group_prior, group_success, group_failure;
    float listening, firmness, turnover, board_weeks, board_meets;
    int8_t mandate, board_met;
} __attribute__((aligned(64))) Organization;

_Static_assert(sizeof(double) < 8 || sizeof(Organization) == 256, "an organization takes four cache lines");

/* Half a cache line: evidence in single precision. The partners' numbers stand apart, in Model.partner: they are searched. */
typedef struct {
    float kept, broken, willing, unwilling;
    int32_t week, met;
    int16_t mirror;
    int8_t agreement;
} __attribute__((aligned(32))) Tie;

_Static_assert(sizeof(Tie) == 32, "two ties take a cache line");

typedef struct {
    int32_t i, j, k, result; /* k: slot of j at i, or -1 */
} Meeting;

typedef struct {
    double key;
    int32_t who;
} Ranked;

/* One run, and the memory that all runs share. */
typedef struct {
    Parameters rules;
    int n, room, width, weeks; /* width: room, in whole groups */
    Organization *restrict orgs;
    Tie *restrict ties;         /* (n, room) */
    int32_t *restrict partner;  /* (n, width) */
    int32_t *restrict roster;   /* (3, n) */
    int32_t *restrict circle;   /* the members, counted through the rosters */
    int32_t *restrict order;
    Meeting *restrict meetings;
    double *restrict fading, *restrict wavering;
    double *restrict belief, *restrict believed, *restrict chances;
    double *restrict consents[3], *restrict consenting[3];
    int32_t *restrict everyone; /* 0, 1, 2, ... */
    int32_t *restrict witness, *restrict mirror;
    double *restrict luck; /* one draw for each organization, or witness */
    double *turn;
    Ranked *ranked, *merged; /* once the population is built, ranked is the order of invitation */
    /* what is the same in all runs, or in all weeks */
    double hours_of_meeting, salience_fade, tally_fade;
    double odds[MIDDLE + 1], weight[MIDDLE + 1];
    /* the initiative */
    uint32_t key[2][10];
    uint64_t stream[4]; /* of the sequential generator */
    int week, members, meeting_count, streak, launch_week, effort_weeks, came_off, standing, broken_off_week;
    int season, season_begun, called, mandate_week, funding_due, funding_week;
    int formed, formation_week, collapsed, collapse_week;
    int roster_size[3], convened[3], entries[3];
    double agenda[2], sector_record[3][2], sector_yes[3], sector_no[3], tallies[BROKEN_OFF];
    double hours_by_purpose[HOURS_PURPOSES];
    double fund, staff_hours, season_odds, season_worth, worth, promises, promises_kept, hours, hours_until_formed, paid, paid_until_formed;
    double context[CONTEXTS];
} Model;

/* ------------------------------------------------------------------------------------------------ streams.py */

#ifdef SEQUENTIAL

static inline void seed_streams(Model *m, int64_t seed) {
    uint64_t x = (uint64_t)seed;
    for (int w = 0; w < 4; w++) { /* splitmix64 */
        uint64_t z = (x += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        m->stream[w] = z ^ (z >> 31);
    }
}

static inline uint64_t rotated(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

/* The next draw of xoshiro256++ (Blackman and Vigna 2021). */
static inline double next(Model *m) {
    uint64_t *s = m->stream, result = rotated(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t, s[3] = rotated(s[3], 45);
    return ((double)(int64_t)(result >> 12) + 0.5) * 0x1p-52;
}

static inline void uniforms(Model *m, int count, uint32_t week, uint32_t who, uint32_t whom, uint32_t purpose,
                            double *u) {
    (void)week, (void)who, (void)whom, (void)purpose;
    for (int d = 0; d < count; d++) u[d] = next(m);
}

static void uniform_each(Model *m, int count, const int32_t *who, uint32_t whom, uint32_t purpose, double *u) {
    (void)who, (void)whom, (void)purpose;
    for (int d = 0; d < count; d++) u[d] = next(m);
}

#else

static inline void seed_streams(Model *m, int64_t seed) {
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)((uint64_t)seed >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
        m->key[0][round] = k0, m->key[1][round] = k1;
}

/* Philox4x32-10, with the keys of the rounds made once a run. */
static inline void uniforms(Model *m, int count, uint32_t week, uint32_t who, uint32_t whom, uint32_t purpose,
                            double *u) {
    uint32_t c[4] = {week, who, whom, purpose};
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
        c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ m->key[0][round];
        c[1] = (uint32_t)p1;
        c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ m->key[1][round];
        c[3] = (uint32_t)p0;
    }
    for (int d = 0; d < count; d++) u[d] = ((double)(int64_t)c[d] + 0.5) * 0x1p-32;
}

/* This week's draw for each of many organizations. The compiler makes LANES of them at once, in 64-bit words of which
 * the lower half is in use; the last group is made whole, so who and u need room for it. */
static void uniform_each(const Model *m, int count, const int32_t *restrict who, uint32_t whom, uint32_t purpose,
                         double *restrict u) {
    for (int group = 0; group < count; group += LANES) {
        for (int d = group; d < group + LANES; d++) {
            uint64_t c0 = (uint64_t)m->week, c1 = (uint32_t)who[d], c2 = whom, c3 = purpose;
#pragma GCC unroll 10
            for (int round = 0; round < 10; round++) {
                uint64_t p0 = 0xD2511F53u * c0, p1 = 0xCD9E8D57u * c2;
                c0 = (p1 >> 32) ^ c1 ^ m->key[0][round];
                c1 = p1 & 0xFFFFFFFFu;
                c2 = (p0 >> 32) ^ c3 ^ m->key[1][round];
                c3 = p0 & 0xFFFFFFFFu;
            }
            u[d] = ((double)(int64_t)c0 + 0.5) * 0x1p-32;
        }
    }
}

#endif

static inline double uniform(Model *m, uint32_t week, uint32_t who, uint32_t whom, uint32_t purpose) {
    double u;
    uniforms(m, 1, week, who, whom, purpose, &u);
    return u;
}

static inline void box_muller(double a, double b, double *x, double *y) {
    double radius = sqrt(-2.0 * log(a));
    *x = radius * cos(TAU * b);
    *y = radius * sin(TAU * b);
}

static inline void normal_pair(Model *m, uint32_t week, uint32_t who, uint32_t whom, uint32_t purpose, double *x) {
    double u[2];
    uniforms(m, 2, week, who, whom, purpose, u);
    box_muller(u[0], u[1], &x[0], &x[1]);
}

static inline void normals(Model *m, uint32_t week, uint32_t who, uint32_t whom, uint32_t purpose, double *x) {
    double u[4];
    uniforms(m, 4, week, who, whom, purpose, u);
    box_muller(u[0], u[1], &x[0], &x[1]);
    box_muller(u[2], u[3], &x[2], &x[3]);
}

/* -------------------------------------------------------------------------------------------------- state.py */

static inline double least_of(double a, double b) { return a < b ? a : b; }
static inline double most_of(double a, double b) { return a > b ? a : b; }
static inline double clamped(double x) { return least_of(1.0, most_of(0.0, x)); }
static inline Tie *ties_of(const Model *m, int i) { return m->ties + (size_t)i * m->room; }
static inline int32_t *partners_of(const Model *m, int i) { return m->partner + (size_t)i * m->width; }

static inline void spend(Model *m, int i, double hours, int purpose) {
    m->orgs[i].hours_left -= hours;
    m->orgs[i].hours_spent += hours;
    m->hours_by_purpose[purpose] += hours;
    m->hours += hours;
}

/* The circle in the order of member_at: it changes only when somebody joins or leaves. */
static void list_circle(Model *m) {
    m->members = 0;
    for (int s = 0; s < 3; s++)
        for (int p = 0; p < m->roster_size[s]; p++) m->circle[m->members++] = m->roster[s * m->n + p];
}

static void join_circle(Model *m, int i) {
    Organization *org = &m->orgs[i];
    org->membership = MEMBER;
    org->decided = 0;
    org->seat = m->roster_size[org->sector]++;
    m->roster[org->sector * m->n + org->seat] = i;
    m->convened[org->sector]++;
}

static inline void set_agreement(Model *m, int i, int k, int rung) {
    Tie *tie = &ties_of(m, i)[k];
    int j = partners_of(m, i)[k], change = (rung == SIGNED) - (tie->agreement == SIGNED);
    m->orgs[i].signed_ = (int16_t)(m->orgs[i].signed_ + change);
    m->orgs[j].signed_ = (int16_t)(m->orgs[j].signed_ + change);
    tie->agreement = (int8_t)rung;
    ties_of(m, j)[tie->mirror].agreement = (int8_t)rung;
}

static void leave_circle(Model *m, int i) {
    Organization *org = &m->orgs[i];
    int32_t *roster = m->roster + org->sector * m->n, last = roster[--m->roster_size[org->sector]];
    roster[org->seat] = last;
    m->orgs[last].seat = org->seat;
    org->membership = LEFT;
    org->intends = 0;
    org->committed = 0;
    for (int k = 0; k < org->degree; k++) set_agreement(m, i, k, NO_AGREEMENT);
    list_circle(m);
}

/* No early exit, so that the compiler compares many partners at once: whole groups, as free slots hold -1. */
static inline int slot_of(const Model *m, int i, int j) {
    const int32_t *restrict partner = partners_of(m, i);
    int found = -1;
    for (int group = 0; group < m->width; group += GROUP)
        for (int k = group; k < group + GROUP; k++) found = partner[k] == j ? k : found;
    return found;
}

static void drop_side(Model *m, int i, int k) {
    Tie *ties = ties_of(m, i);
    int32_t *partner = partners_of(m, i);
    int last = --m->orgs[i].degree;
    if (k != last) {
        ties[k] = ties[last];
        partner[k] = partner[last];
        ties_of(m, partner[k])[ties[k].mirror].mirror = (int16_t)k;
    }
    partner[last] = -1;
}

static void drop_weakest(Model *m, int i) {
    int weakest = 0;
    double lowest = 1e300;
    for (int k = 0; k < m->orgs[i].degree; k++) {
        const Tie *tie = &ties_of(m, i)[k];
        double strength = 1e12 * (tie->met == m->week) + 1e9 * tie->agreement
                          + ((double)tie->kept + (double)tie->broken) * m->fading[m->week - tie->week];
        if (strength < lowest) weakest = k, lowest = strength;
    }
    set_agreement(m, i, weakest, NO_AGREEMENT);
    drop_side(m, partners_of(m, i)[weakest], ties_of(m, i)[weakest].mirror);
    drop_side(m, i, weakest);
}

static void open_side(Model *m, int i, int k, int j, int mirror) {
    ties_of(m, i)[k] = (Tie){.week = m->week, .met = -1, .mirror = (int16_t)mirror, .agreement = NO_AGREEMENT};
    partners_of(m, i)[k] = j;
    m->orgs[i].degree = (int16_t)(k + 1);
}

/* tie_between for a pair that has no tie. */
static int new_tie(Model *m, int i, int j) {
    if (m->orgs[i].degree == m->room) drop_weakest(m, i);
    if (m->orgs[j].degree == m->room) drop_weakest(m, j);
    int at_i = m->orgs[i].degree, at_j = m->orgs[j].degree;
    open_side(m, i, at_i, j, at_j);
    open_side(m, j, at_j, i, at_i);
    return at_i;
}

/* ------------------------------------------------------------------------------------------------ beliefs.py */

static inline double trust_by(const Model *m, const Organization *org, const Organization *partner, const Tie *tie) {
    int s = partner->sector;
    double fade = m->fading[m->week - tie->week];
    double kept = org->outlook_kept[s] + partner->record_kept + fade * tie->kept;
    double broken = org->outlook_broken[s] + partner->record_broken + fade * tie->broken;
    return (org->prior[s] + kept) / (m->rules.prior_weight + kept + broken);
}

static inline double trust_in_tie(const Model *m, int i, int k) {
    return trust_by(m, &m->orgs[i], &m->orgs[partners_of(m, i)[k]], &ties_of(m, i)[k]);
}

static inline double trust_in_stranger(const Model *m, int i, int s, double record_kept, double record_broken) {
    const Organization *org = &m->orgs[i];
    double kept = org->outlook_kept[s] + record_kept, broken = org->outlook_broken[s] + record_broken;
    return (org->prior[s] + kept) / (m->rules.prior_weight + kept + broken);
}

static inline double trust_in(const Model *m, int i, int j, int k) {
    static const Tie none = {0}; /* a stranger is a tie without evidence: no branch, as which of the two it is varies */
    return trust_by(m, &m->orgs[i], &m->orgs[j], k >= 0 ? &ties_of(m, i)[k] : &none);
}

static inline void observe(Model *m, int i, int k, int kept, double weight) {
    Organization *org = &m->orgs[i];
    Tie *tie = &ties_of(m, i)[k];
    double fade = m->fading[m->week - tie->week];
    double will = m->wavering[m->week - tie->week];
    int s = m->orgs[partners_of(m, i)[k]].sector;
    /* Without a branch: whether a promise was kept cannot be predicted. */
    double good = kept ? weight : 0.0, bad = kept ? 0.0 : m->rules.broken_weight * weight;
    tie->kept = (float)(tie->kept * fade) + good;
    tie->broken = (float)(tie->broken * fade) + bad;
    tie->willing *= will;
    tie->unwilling *= will;
    tie->week = m->week;
    org->outlook_kept[s] += m->rules.generalization * good;
    org->outlook_broken[s] += m->rules.generalization * bad;
}

/* What observe_will adds to a tie that has been faded to this week. */
static inline void observe_will(Model *m, int i, int k, int willing) {
    Tie *tie = &ties_of(m, i)[k];
    double fade = m->fading[m->week - tie->week], will = m->wavering[m->week - tie->week];
    tie->kept *= fade;
    tie->broken *= fade;
    tie->willing = (float)(tie->willing * will) + (willing ? m->rules.willingness_evidence : 0.0);
    tie->unwilling = (float)(tie->unwilling * will) + (willing ? 0.0 : m->rules.willingness_evidence);
    tie->week = m->week;
}

static inline double presumed(const Model *m) {
    return 1.0 - m->rules.willingness_evidence * (1.0 - m->rules.willingness);
}

static inline double willingness_in_tie(const Model *m, const Tie *tie, double heard, int word) {
    double fade = m->wavering[m->week - tie->week];
    double willing = fade * tie->willing + heard * (word == YES);
    double unwilling = fade * tie->unwilling + heard * (word == NO);
    return (presumed(m) + willing) / (1.0 + willing + unwilling);
}

static inline double willingness_of_strangers(const Model *m, double heard, double yes, double no) {
    return (presumed(m) + heard * yes) / (1.0 + heard * (yes + no));
}

/* What is public of the results is for newcomers, whom the baseline does not have. */
static void feel_result(Model *m, int enough) {
    for (int place = 0; place < m->members; place++) {
        Organization *org = &m->orgs[m->circle[place]];
        org->group_success += enough ? m->rules.group_evidence : 0.0;
        org->group_failure += enough ? 0.0 : m->rules.group_evidence;
    }
}

static inline double belief_in_group(const Model *m, const Organization *org) {
    double prior = m->rules.group_evidence * m->rules.group_prior_weight;
    double weight = prior + org->group_success + org->group_failure;
    return weight > 0.0 ? (prior * org->group_prior + org->group_success) / weight : NAN;
}

static inline double threshold_inside(const Model *m, const Organization *org, double least) {
    double prior = m->rules.group_evidence * m->rules.group_prior_weight;
    double weight = prior + org->group_success + org->group_failure;
    double successes = prior * org->group_prior + org->group_success;
    return (least * (m->rules.inside_weight + weight) - successes) / m->rules.inside_weight;
}

static inline void publish(Model *m, int j, int kept, double weight) {
    if (kept)
        m->orgs[j].record_kept += weight;
    else
        m->orgs[j].record_broken += m->rules.broken_weight * weight;
}

static void forget(Model *m, int i, double share) {
    Organization *org = &m->orgs[i];
    Tie *ties = ties_of(m, i);
    org->group_success *= 1.0 - share;
    org->group_failure *= 1.0 - share;
    for (int k = 0; k < org->degree; k++) {
        ties[k].kept *= 1.0 - share;
        ties[k].broken *= 1.0 - share;
        ties[k].willing *= 1.0 - share;
        ties[k].unwilling *= 1.0 - share;
    }
    for (int s = 0; s < 3; s++) {
        org->outlook_kept[s] *= 1.0 - share;
        org->outlook_broken[s] *= 1.0 - share;
    }
}

static double exact_tail(const Model *m, const double *belief, const double *believed, int groups, int needed,
                         double odds) {
    double *restrict chances = m->chances;
    int n = 0;
    chances[0] = 1.0;
    for (int g = 0; g < groups; g++) {
        double p = belief[g] * odds / (belief[g] * odds + 1.0 - belief[g]);
        for (int c = 0; c < (int)believed[g]; c++) {
            n++;
            chances[n] = chances[n - 1] * p;
            for (int x = n - 1; x > 0; x--) chances[x] = chances[x] * (1.0 - p) + chances[x - 1] * p;
            chances[0] *= 1.0 - p;
        }
    }
    double tail = 0.0;
    for (int x = needed; x <= n; x++) tail += chances[x];
    return least_of(1.0, tail);
}

static double normal_tail(const Model *m, const double *restrict belief, const double *restrict believed, int groups,
                          int needed, double odds) {
    double mean = 0.0, variance = 0.0, skew = 0.0, *restrict chance = m->chances;
    for (int g = 0; g < groups; g++) /* apart from the sums, so that the compiler divides several at once */
        chance[g] = belief[g] * odds / (belief[g] * odds + 1.0 - belief[g]);
    for (int g = 0; g < groups; g++) {
        double p = chance[g], v = believed[g] * p * (1.0 - p);
        mean += believed[g] * p;
        variance += v;
        skew += v * (1.0 - 2.0 * p);
    }
    if (variance < 1e-12) return mean > needed - 0.5 ? 1.0 : 0.0;
    double deviation = sqrt(variance), z = (needed - 0.5 - mean) / deviation;
    double density = 0.5 * M_2_SQRTPI * M_SQRT1_2 * exp(-0.5 * z * z);
    double below = 0.5 * erfc(-z * M_SQRT1_2) + skew / (variance * deviation) * (1.0 - z * z) * density / 6.0;
    return clamped(1.0 - below);
}

#ifdef TAILS_TWICE
static volatile double unused;
#endif

/* Some groups of partners, of each of which so many are needed: all members, or each sector for itself. */
typedef struct {
    const double *belief[3], *believed[3];
    int groups, entries[3], partners[3], needed[3], exact;
} Enough;

static inline double tail(const Model *m, const Enough *x, double odds) {
    double chance = 1.0;
    for (int g = 0; g < x->groups; g++) {
        if (x->needed[g] <= 0) continue;
#ifdef TAILS_TWICE
        unused = normal_tail(m, x->belief[g], x->believed[g], x->entries[g], x->needed[g], 1.000001 * odds);
#endif
        chance *= x->exact ? exact_tail(m, x->belief[g], x->believed[g], x->entries[g], x->needed[g], odds)
                           : normal_tail(m, x->belief[g], x->believed[g], x->entries[g], x->needed[g], odds);
    }
    return chance;
}

/* Weights of the Gauss-Hermite nodes from the middle outwards, and the odds by which they multiply. */
static void prepare_shared_fate(Model *m) {
    static const double nodes[] = {0.0, 1.1544053947399682, 2.366759410734541, 3.7504397177257425};
    static const double weights[] = {0.45714285714285724, 0.2401231786050127, 0.03075712396758652,
                                     0.000548268855972217};
    for (int ring = 0; ring <= MIDDLE; ring++) {
        m->odds[ring] = exp(m->rules.shared_fate * nodes[ring]);
        m->weight[ring] = m->rules.shared_fate > 0.0 ? weights[ring] : ring == 0;
    }
}

static double chance_of_enough(const Model *m, Enough *x, double threshold) {
    int asked = 0, partners = 0;
    for (int g = 0; g < x->groups; g++) {
        if (x->needed[g] > x->partners[g]) return 0.0;
        asked += x->needed[g] > 0;
        partners += x->partners[g];
    }
    if (asked == 0) return 1.0;
    x->exact = partners <= EXACT_LIMIT;
    double known = 0.0, rest = 1.0;
    int rings = m->rules.shared_fate > 0.0 ? MIDDLE + 1 : 1;
    for (int ring = 0; ring < rings; ring++) {
        double weight = m->weight[ring], odds = m->odds[ring];
        double most = tail(m, x, odds);
        double least = ring > 0 ? tail(m, x, 1.0 / odds) : most;
        known += ring == 0 ? weight * most : weight * (least + most);
        rest -= ring == 0 ? weight : 2.0 * weight;
        double low = known + 0.5 * rest * most, high = known + 0.5 * rest * (1.0 + least);
        if (low > threshold) return low;
        if (high <= threshold) return high;
    }
    return known;
}

/* --------------------------------------------------------------------------------------------- population.py */

static inline double logistic(double x) { return 1.0 / (1.0 + exp(-x)); }

static inline double logit(double p) {
    p = least_of(1.0 - 1e-9, most_of(1e-9, p));
    return log(p / (1.0 - p));
}

static void begin(Model *m, int64_t seed) {
    seed_streams(m, seed);
    m->week = m->members = m->meeting_count = m->streak = m->launch_week = 0;
    m->formed = m->formation_week = m->collapsed = m->collapse_week = m->effort_weeks = m->came_off = 0;
    m->standing = m->broken_off_week = 0;
    m->season = 0;
    m->called = m->rules.mandates == 0.0;
    m->mandate_week = m->funding_week = 0;
    m->funding_due = 1 + (int)(m->rules.funding_weeks * uniform(m, 0, 0, 0, ON_FUNDING));
    m->season_odds = m->season_worth = m->worth = 1.0;
    memset(m->tallies, 0, sizeof m->tallies);
    m->promises = m->promises_kept = m->hours = m->hours_until_formed = m->staff_hours = 0.0;
    m->paid = m->paid_until_formed = 0.0;
    m->fund = m->rules.fund * m->n;
    m->agenda[0] = m->agenda[1] = 0.5;
    memset(m->roster_size, 0, sizeof m->roster_size);
    memset(m->convened, 0, sizeof m->convened);
    memset(m->hours_by_purpose, 0, sizeof m->hours_by_purpose);
    memset(m->orgs, 0, (size_t)m->n * sizeof *m->orgs);
    memset(m->partner, -1, (size_t)m->n * m->width * sizeof *m->partner);
}

static void draw_context(Model *m) {
    for (int c = 0; c < CONTEXTS; c++) {
        double low = m->rules.context_low[c], high = m->rules.context_high[c];
        m->context[c] = low + (high - low) * uniform(m, 0, c, 0, ON_CONTEXT);
    }
}

/* What a number of the field is multiplied by in a sector. */
static inline double factor(const Model *m, const double *factors, int s) {
    return 1.0 + m->rules.difference * (factors[s] - 1.0);
}

static inline double positive(const Model *m, const double *factors, int s) { return most_of(0.0, factor(m, factors, s)); }

static void draw_traits(Model *m, int i) {
    Organization *org = &m->orgs[i];
    double x[4];
    normals(m, 0, i, 0, ON_TRAITS, x);
    double capacity = m->rules.capacity * positive(m, m->rules.profile_capacity, org->sector);
    org->capacity = capacity * exp(m->rules.capacity_spread * x[0]);
    org->influence = positive(m, m->rules.profile_influence, org->sector) * exp(m->rules.influence_spread * x[1]);
    org->salience = logistic(logit(m->context[URGENCY]) + m->rules.salience_spread * x[2]);
    org->reliability = logistic(logit(m->context[RELIABILITY]) + m->rules.reliability_spread * x[3]);
}

static void draw_manners(Model *m, int i) {
    double noise[2];
    normal_pair(m, 0, i, 0, ON_MANNERS, noise);
    m->orgs[i].listening = (float)exp(m->rules.listening_spread * noise[0]);
    m->orgs[i].firmness = (float)(m->rules.firmness * uniform(m, 0, i, 1, ON_MANNERS));
}

static void set_up_board(Model *m, int i) {
    Organization *org = &m->orgs[i];
    const Parameters *r = &m->rules;
    double turnover = least_of(1.0, r->turnover * positive(m, r->profile_turnover, org->sector));
    org->turnover = (float)(1.0 - pow(1.0 - turnover, 1.0 / 52.0));
    org->board_weeks = (float)most_of(1.0, r->board_weeks * positive(m, r->profile_board_weeks, org->sector));
    org->board_meets = (float)(org->board_weeks * uniform(m, 0, i, 0, ON_BOARD));
    org->mandate = r->mandates == 0.0;
}

static void draw_position(Model *m, int i, double turn) {
    Organization *org = &m->orgs[i];
    double angle = turn + TAU * org->sector / 3.0, radius = m->context[CONFLICT] / sqrt(3.0), noise[2];
    normal_pair(m, 0, i, 0, ON_POSITION, noise);
    double spread = m->context[SPREAD] * positive(m, m->rules.profile_spread, org->sector);
    org->position[0] = clamped(0.5 + radius * cos(angle) + spread * noise[0]);
    org->position[1] = clamped(0.5 + radius * sin(angle) + spread * noise[1]);
}

static void draw_starting_trust(Model *m, int i) {
    Organization *org = &m->orgs[i];
    double noise[4];
    normals(m, 0, i, 0, ON_STARTING_TRUST, noise);
    double own = factor(m, m->rules.profile_trust_homophily, org->sector) - 0.5;
    for (int s = 0; s < 3; s++) {
        double center = logit(m->context[TRUST]) + (s == org->sector ? own : -0.5) * m->rules.trust_homophily;
        org->prior[s] = m->rules.prior_weight * (float)logistic(center + m->rules.trust_spread * noise[s]);
    }
    org->group_prior = logistic(logit(m->rules.group_prior) + m->rules.trust_spread * noise[org->sector]);
}

/* Stable merge sort of m->ranked by key, from runs of one upwards. */
static void sort_ranked(Model *m) {
    for (int width = 1; width < m->n; width *= 2) {
        for (int from = 0; from < m->n; from += 2 * width) {
            int middle = from + width < m->n ? from + width : m->n, to = middle + width < m->n ? middle + width : m->n;
            for (int a = from, b = middle, at = from; at < to; at++) {
                int first = a < middle && (b >= to || !(m->ranked[b].key < m->ranked[a].key));
                m->merged[at] = m->ranked[first ? a++ : b++];
            }
        }
        Ranked *sorted = m->merged;
        m->merged = m->ranked, m->ranked = sorted;
    }
}

static void invitation_order(Model *m) {
    double counts[3] = {0.0}, seen[3] = {0.0};
    for (int i = 0; i < m->n; i++) {
        counts[m->orgs[i].sector] += 1.0;
        m->ranked[i] = (Ranked){-m->orgs[i].salience * m->orgs[i].influence, i};
    }
    sort_ranked(m);
    for (int p = 0; p < m->n; p++) {
        int i = m->ranked[p].who, s = m->orgs[i].sector;
        m->turn[i] = (seen[s] + 0.5) / counts[s];
        seen[s] += 1.0;
    }
    for (int i = 0; i < m->n; i++) m->ranked[i] = (Ranked){m->turn[i], i};
    sort_ranked(m);
}

static void remember(Model *m, int i, int k) {
    double reliability = m->orgs[partners_of(m, i)[k]].reliability;
    ties_of(m, i)[k].kept = m->rules.acquaintance_evidence * reliability;
    ties_of(m, i)[k].broken = m->rules.acquaintance_evidence * m->rules.broken_weight * (1.0 - reliability);
}

static int outside(const Model *m, int s, int place) {
    for (int t = 0; t < 3; t++) {
        if (t != s) {
            if (place < m->roster_size[t]) return m->roster[t * m->n + place];
            place -= m->roster_size[t];
        }
    }
    return 0;
}

static void draw_acquaintances(Model *m) {
    int n = m->n, *size = m->roster_size;
    for (int i = 0; i < n; i++) m->roster[m->orgs[i].sector * n + size[m->orgs[i].sector]++] = i;
    for (int i = 0; i < n; i++) {
        int count = (int)(0.5 * m->rules.acquaintances + uniform(m, 0, i, 0, ON_ACQUAINTANCE)), s = m->orgs[i].sector;
        double within = m->rules.acquaintances_within * positive(m, m->rules.profile_acquaintances_within, s);
        for (int draw = 0; draw < count; draw++) {
            double u[2];
            uniforms(m, 2, 0, i, draw + 1, ON_ACQUAINTANCE, u);
            int inside = u[0] < within || size[s] == n;
            int j = inside ? m->roster[s * n + (int)(u[1] * size[s])] : outside(m, s, (int)(u[1] * (n - size[s])));
            if (j != i) {
                int k = slot_of(m, i, j);
                if (k < 0) k = new_tie(m, i, j);
                remember(m, i, k);
                remember(m, j, ties_of(m, i)[k].mirror);
            }
        }
    }
    memset(size, 0, sizeof m->roster_size);
}

static void build(Model *m, const int8_t *sector, int64_t seed) {
    begin(m, seed);
    draw_context(m);
    double turn = TAU * uniform(m, 0, 0, 0, ON_ORIENTATION);
    for (int i = 0; i < m->n; i++) {
        m->orgs[i].sector = sector[i];
        draw_traits(m, i);
        draw_manners(m, i);
        set_up_board(m, i);
        draw_position(m, i, turn);
        draw_starting_trust(m, i);
    }
    invitation_order(m);
    draw_acquaintances(m);
}

/* -------------------------------------------------------------------------------- engine.begin_week, convene */

static void staff_at_work(Model *m) {
    double affordable = m->rules.wage > 0.0 ? m->fund / m->rules.wage : 1e300;
    m->staff_hours = least_of(m->rules.backbone * m->rules.staff * m->n, affordable);
}

static void set_season(Model *m) {
    int weeks = (int)m->rules.season_weeks;
    if (m->week == 1) m->season_begun = (int)(weeks * uniform(m, 0, 0, 0, ON_SEASON));
    int season = 1 + (m->week + m->season_begun) / weeks;
    if (season == m->season) return;
    double luck[2];
    normal_pair(m, season, 0, 0, ON_SEASON, luck);
    m->season = season;
    m->season_odds = exp(m->rules.season * luck[0]);
    m->season_worth = exp(m->rules.windows * (luck[1] - 0.5 * m->rules.windows));
}

static void begin_week(Model *m) {
    m->week++;
    for (int i = 0; i < m->n; i++) {
        m->orgs[i].hours_left = m->orgs[i].capacity;
        m->orgs[i].hours_spent = 0.0;
    }
    set_season(m);
    staff_at_work(m);
}

/* --------------------------------------------------------------------------------------------- mechanisms/secure */

static double support(const Model *m) {
    double behind = 0.0, influence = 0.0;
    for (int i = 0; i < m->n; i++) {
        influence += m->orgs[i].influence;
        if (m->orgs[i].membership == MEMBER) behind += m->orgs[i].influence * m->orgs[i].salience;
    }
    return behind / influence;
}

static void secure(Model *m) {
    const Parameters *r = &m->rules;
    for (int i = 0; r->mandates > 0.0 && i < m->n; i++) {
        Organization *org = &m->orgs[i];
        if (m->week >= org->board_meets) {
            org->board_meets += org->board_weeks;
            org->mandate |= org->membership == MEMBER && org->intends;
            org->board_met = org->decided;
        }
    }
    if (m->week >= m->funding_due) {
        m->funding_due += (int)r->funding_weeks;
        if (r->backbone > 0.0) m->fund += r->instalment * m->n * support(m);
    }
    double weekly = r->backbone * r->staff * m->n * r->wage;
    if (m->funding_week == 0 && r->backbone > 0.0 && m->fund >= r->reserve_weeks * weekly) m->funding_week = m->week;
}

/* Without preliminary stages everyone is convened, and the initiative launched, in the first week. */
static void convene(Model *m) {
    if (m->week > 1) return;
    for (int p = 0; p < m->n; p++) join_circle(m, m->ranked[p].who);
    list_circle(m);
    m->launch_week = 1;
}

/* -------------------------------------------------------------------------------------- backbone, mechanisms/meet */

static inline void pay_staff(Model *m, double hours) {
    m->staff_hours -= hours;
    m->fund = most_of(0.0, m->fund - hours * m->rules.wage);
    m->paid += hours * m->rules.wage;
}

static double absorb(Model *m, double hours) {
    if (hours <= 0.0) return 0.0;
    double done = least_of(0.5 * m->rules.backbone * hours, m->staff_hours);
    pay_staff(m, done);
    return done / hours;
}

static void upkeep(Model *m) {
    const Parameters *r = &m->rules;
    double due = r->common_agenda + r->mutually_reinforcing_activities + r->shared_measurement;
    due = (due + r->continuous_communication)
          * (r->upkeep * most_of(0.0, 1.0 + r->crowding * log2(m->members / 10.0)));
    double own = due * (1.0 - absorb(m, due * m->members));
    for (int place = 0; place < m->members; place++) {
        int i = m->circle[place];
        double given = least_of(own, m->orgs[i].hours_left);
        spend(m, i, given, UPKEEP_HOURS);
        m->orgs[i].participation = own > 0.0 ? given / own : 1.0;
    }
}

/* k is the slot of j at i, or -1. */
static int hold(Model *m, int i, int j, int k, double hours) {
    if (i == j || least_of(m->orgs[i].hours_left, m->orgs[j].hours_left) < hours) return 0;
    if (k < 0) k = new_tie(m, i, j);
    Tie *tie = &ties_of(m, i)[k];
    if (tie->met == m->week) return 0;
    tie->met = ties_of(m, j)[tie->mirror].met = m->week;
    spend(m, i, hours, MEETING_HOURS);
    spend(m, j, hours, MEETING_HOURS);
    m->meetings[m->meeting_count++] = (Meeting){i, j, -1, CONTACT};
    return 1;
}

static void introduce(Model *m) {
    int n = m->members, tries = n > 1 ? (int)(m->staff_hours / m->rules.introduction_hours) : 0;
    for (int t = 0; t < (tries < n ? tries : n); t++) {
        double u[2];
        uniforms(m, 2, m->week, t, 0, ON_INTRODUCTION, u);
        int i = m->circle[(int)(u[0] * n)], j = m->circle[(int)(u[1] * n)];
        if (m->orgs[i].sector != m->orgs[j].sector && slot_of(m, i, j) < 0 && hold(m, i, j, -1, m->hours_of_meeting))
            pay_staff(m, m->rules.introduction_hours);
    }
}

static void shuffle(Model *m) {
    int32_t *restrict order = m->order;
    uniform_each(m, m->n, m->everyone, 0, ON_ORDER, m->luck);
    for (int i = 0; i < m->n; i++) order[i] = i;
    for (int i = m->n - 1; i > 0; i--) {
        int j = (int)(m->luck[i] * (i + 1));
        int32_t other = order[j];
        order[j] = order[i], order[i] = other;
    }
}

/* Keep one candidate with probability proportional to its odds, reusing what is left of the draw. Apart from the odds,
 * so that a mispredicted choice does not throw their divisions away; one division a step where the rule has two. */
static inline int chosen_of(const double *odds, int candidates, double pick) {
    int chosen = -1;
    double total = 0.0;
    for (int c = 0; c < candidates; c++) {
        double before = total;
        total += odds[c];
        double reach = pick * total;
        if (reach < odds[c]) {
            chosen = c;
            pick = reach / odds[c];
        } else {
            pick = (reach - odds[c]) / before;
        }
    }
    return chosen;
}

static void seek_partner(Model *m, int i, int turn) {
    const Organization *org = &m->orgs[i];
    if (org->hours_left < m->hours_of_meeting || m->members < 2) return;
    double known[4], drawn[3], odds[6];
    int who[6], slot[6], candidates = 0; /* each is written, and kept if it counts */
    uniforms(m, 4, m->week, i, turn, ON_CANDIDATE_TIES, known);
    uniforms(m, 3, m->week, i, turn, ON_CANDIDATE_MEMBERS, drawn);
    for (int c = 0; c < 3 && org->degree > 0; c++) {
        int k = (int)(known[c] * org->degree), j = partners_of(m, i)[k];
        who[candidates] = j, slot[candidates] = k;
        candidates += m->orgs[j].membership == MEMBER;
    }
    for (int c = 0; c < 3; c++) {
        int j = m->circle[(int)(drawn[c] * m->members)];
        who[candidates] = j, slot[candidates] = slot_of(m, i, j);
        candidates += j != i;
    }
    for (int c = 0; c < candidates; c++) {
        double kinship = org->sector == m->orgs[who[c]].sector ? m->rules.homophily : 1.0;
        odds[c] = kinship * trust_in(m, i, who[c], slot[c]);
    }
    int chosen = chosen_of(odds, candidates, known[3]);
    if (chosen >= 0) hold(m, i, who[chosen], slot[chosen], m->hours_of_meeting);
}

static void meet(Model *m) {
    m->meeting_count = 0;
    upkeep(m);
    introduce(m);
    shuffle(m);
    uniform_each(m, m->n, m->everyone, 0, ON_CONTACTS, m->luck);
    for (int p = 0; p < m->n; p++) {
        int i = m->order[p];
        if (m->orgs[i].membership == MEMBER) {
            int turns = (int)(m->rules.rate + m->luck[i]);
            for (int turn = 0; turn < turns; turn++) seek_partner(m, i, turn);
        }
    }
    /* Whom a meeting made strangers again, or moved to another slot, is settled once for the mechanisms that follow. */
    for (int e = 0; e < m->meeting_count; e++) m->meetings[e].k = slot_of(m, m->meetings[e].i, m->meetings[e].j);
}

/* ------------------------------------------------------------------------------------- mechanisms/deliberate */

static inline double distance(const double *x, const double *y) {
    double a = x[0] - y[0], b = x[1] - y[1];
    return sqrt(a * a + b * b);
}

static inline double confidence_bound(const Model *m, double trust) { return m->rules.bound * trust / 0.5; }

static inline void move(Organization *org, const double *target, double bound, double share) {
    double *position = org->position;
    share *= 1.0 - org->firmness;
    if (distance(position, target) <= bound * org->listening)
        for (int d = 0; d < 2; d++) position[d] = clamped(position[d] + share * (target[d] - position[d]));
}

static inline void perceive(Model *m, int i, int j, double *seen) {
    double error = m->rules.misperception, noise[2] = {0.0};
    if (error > 0.0) normal_pair(m, m->week, i, j, ON_PERCEPTION, noise);
    for (int d = 0; d < 2; d++) seen[d] = m->orgs[j].position[d] + error * noise[d];
}

static void exchange(Model *m, int i, int j, int k) {
    double bound_i = confidence_bound(m, trust_in_tie(m, i, k));
    double bound_j = confidence_bound(m, trust_in_tie(m, j, ties_of(m, i)[k].mirror));
    double seen_j[2], seen_i[2];
    perceive(m, i, j, seen_j);
    perceive(m, j, i, seen_i);
    move(&m->orgs[i], seen_j, bound_i, m->rules.convergence);
    move(&m->orgs[j], seen_i, bound_j, m->rules.convergence);
}

static void discuss_text(Model *m) {
    for (int place = 0; place < m->members; place++) {
        Organization *org = &m->orgs[m->circle[place]];
        double share = m->rules.convergence * m->rules.common_agenda * org->participation;
        move(org, m->agenda, confidence_bound(m, org->mean_trust), share);
    }
}

static double total_influence(const Model *m) {
    double influence = 0.0;
    for (int place = 0; place < m->members; place++) influence += m->orgs[m->circle[place]].influence;
    return influence;
}

static inline double weight_of(const Model *m, const Organization *org, double influence) {
    double equality = m->rules.common_agenda;
    return (1.0 - equality) * (org->influence / influence) + equality / m->members;
}

static void write_agenda(Model *m, double influence) {
    if (m->members == 0) return;
    m->agenda[0] = m->agenda[1] = 0.0;
    for (int place = 0; place < m->members; place++) {
        const Organization *org = &m->orgs[m->circle[place]];
        double weight = weight_of(m, org, influence);
        for (int d = 0; d < 2; d++) m->agenda[d] += weight * org->position[d];
    }
}

static void be_heard(Model *m, Organization *org, double heard, const double *pen, double weight) {
    for (int s = 0; s < 3; s++) {
        org->outlook_kept[s] += weight * heard * pen[s];
        org->outlook_broken[s] += m->rules.broken_weight * weight * (1.0 - heard) * pen[s];
    }
    org->group_success += m->rules.group_evidence * weight * heard;
    org->group_failure += m->rules.group_evidence * weight * (1.0 - heard);
}

static void hear_out(Model *m, double influence) {
    double pen[3] = {0.0};
    for (int place = 0; place < m->members; place++) {
        const Organization *org = &m->orgs[m->circle[place]];
        pen[org->sector] += weight_of(m, org, influence);
    }
    for (int place = 0; place < m->members; place++) {
        Organization *org = &m->orgs[m->circle[place]];
        double heard = least_of(1.0, m->members * weight_of(m, org, influence));
        be_heard(m, org, heard, pen, m->rules.voice * org->participation);
    }
}

static void deliberate(Model *m) {
    for (int e = 0; e < m->meeting_count; e++)
        if (m->meetings[e].k >= 0) exchange(m, m->meetings[e].i, m->meetings[e].j, m->meetings[e].k);
    int plenary = m->rules.common_agenda > 0.0 && m->week > 1;
    if (plenary) discuss_text(m);
    double influence = total_influence(m);
    write_agenda(m, influence);
    if (plenary && m->rules.voice > 0.0) hear_out(m, influence);
}

/* ---------------------------------------------------------------------------------------- mechanisms/deliver */

static void fade(Model *m) {
    double share = m->fading[1];
    for (int i = 0; i < m->n; i++) {
        Organization *org = &m->orgs[i];
        org->record_kept *= share;
        org->record_broken *= share;
        org->group_success *= share;
        org->group_failure *= share;
        for (int s = 0; s < 3; s++) {
            org->outlook_kept[s] *= share;
            org->outlook_broken[s] *= share;
        }
    }
}

static inline int keeps(Model *m, int i, double draw, double asked, int purpose) {
    double load = 1.0;
    if (asked > 0.0) {
        double given = least_of(asked, m->orgs[i].hours_left);
        load = given / asked;
        spend(m, i, given, purpose);
    }
    double odds = m->season_odds, reliability = m->orgs[i].reliability;
    int kept = draw < reliability * odds / (1.0 - reliability + reliability * odds) * load;
    m->promises += 1.0;
    m->promises_kept += kept;
    return kept;
}

static inline void gain_salience(Model *m, int i, double stake) {
    m->orgs[i].salience += m->rules.win * stake * (1.0 - m->orgs[i].salience);
}

static inline void record(Model *m, int i, int kept, double stake, double draw) {
    if (draw < m->rules.reporting * m->rules.shared_measurement * m->orgs[i].participation) publish(m, i, kept, stake);
}

/* A joint step has stake 1: without trust-building there are no smaller ones. */
static int work_together(Model *m, int i, int j, int k) {
    const Tie *tie = &ties_of(m, i)[k];
    double trust = least_of(trust_in_tie(m, i, k), trust_in_tie(m, j, tie->mirror));
    int step = tie->agreement >= UNDERSTANDING && 1.0 - trust <= 1.0 - m->rules.step_trust;
    double stake = step ? 1.0 : m->rules.contact_stake, asked = step ? m->rules.step_hours : 0.0;
    int stream = step ? ON_JOINT_STEP : ON_ATTENDANCE;
    double luck_i[2], luck_j[2];
    uniforms(m, 2, m->week, i, j, stream, luck_i);
    uniforms(m, 2, m->week, j, i, stream, luck_j);
    int kept_i = keeps(m, i, luck_i[0], asked, STEP_HOURS), kept_j = keeps(m, j, luck_j[0], asked, STEP_HOURS);
    observe(m, i, k, kept_j, stake);
    observe(m, j, tie->mirror, kept_i, stake);
    if (!step) return CONTACT;
    record(m, i, kept_i, stake, luck_i[1]);
    record(m, j, kept_j, stake, luck_j[1]);
    if (!kept_i || !kept_j) return STEP_BROKEN;
    gain_salience(m, i, stake);
    gain_salience(m, j, stake);
    return STEP_KEPT;
}

/* Whoever is a member sees it; what is kept is written behind the last one, and counts if it is a witness. */
static int list_witnesses(Model *m, int j) {
    int count = 0;
    for (int k = 0; k < m->orgs[j].degree; k++) {
        int i = partners_of(m, j)[k];
        m->witness[count] = i;
        m->mirror[count] = ties_of(m, j)[k].mirror;
        count += m->orgs[i].membership == MEMBER;
    }
    return count;
}

static void contribute(Model *m, int j) {
    Organization *org = &m->orgs[j];
    org->contributed = 0;
    if (org->committed) {
        double luck[2];
        uniforms(m, 2, m->week, j, j, ON_CONTRIBUTION, luck);
        org->contributed = (int8_t)keeps(m, j, luck[0], m->rules.step_hours, CONTRIBUTION_HOURS);
        record(m, j, org->contributed, 1.0, luck[1]);
    }
    if (!org->decided) return;
    int willing = org->committed || (org->intends && !org->mandate), witnesses = list_witnesses(m, j);
    uniform_each(m, witnesses, m->witness, j, ON_OBSERVATION, m->luck);
    for (int w = 0; w < witnesses; w++) {
        if (m->luck[w] < m->rules.observation) {
            observe_will(m, m->witness[w], m->mirror[w], willing);
            if (org->committed) observe(m, m->witness[w], m->mirror[w], org->contributed, 1.0);
        }
    }
}

static inline int number_needed(const Model *m, double participation, int partners) {
    double easing = m->rules.easing * m->rules.mutually_reinforcing_activities * participation;
    return (int)ceil(m->context[DIFFICULTY] * (1.0 - easing) * partners - 1e-9);
}

/* How many of a sector must agree: all three sectors are required, and nobody joins after the first week. */
static inline int consents_needed(const Model *m, int s) {
    return m->convened[s] > 0 ? (int)ceil(m->rules.quorum * m->convened[s] - 1e-9) : 1;
}

static int all_sectors_agree(const Model *m, const int *consents) {
    for (int s = 0; s < 3; s++)
        if (consents[s] < consents_needed(m, s)) return 0;
    return 1;
}

static void take_stock(Model *m) {
    int consents[3] = {0};
    int committed = 0, delivered = 0, holding = 0;
    double participation = 0.0;
    for (int place = 0; place < m->members; place++) {
        const Organization *org = &m->orgs[m->circle[place]];
        committed += org->committed;
        consents[org->sector] += org->committed;
        delivered += org->contributed;
        holding += org->mandate;
        participation += org->participation;
    }
    if (committed == 0) return;
    int enough = delivered >= number_needed(m, participation / m->members, holding);
    if (m->rules.known > 0.0 && enough) enough = all_sectors_agree(m, consents);
    m->effort_weeks++;
    m->came_off += enough;
    feel_result(m, enough);
    for (int place = 0; enough && place < m->members; place++)
        if (m->orgs[m->circle[place]].contributed) gain_salience(m, m->circle[place], 1.0);
}

static void deliver(Model *m) {
    fade(m);
    for (int e = 0; e < m->meeting_count; e++) {
        Meeting *meeting = &m->meetings[e];
        if (meeting->k >= 0) meeting->result = work_together(m, meeting->i, meeting->j, meeting->k);
    }
    if (m->week > m->launch_week && m->called) {
        for (int place = 0; place < m->members; place++) contribute(m, m->circle[place]);
        take_stock(m);
    }
}

/* ------------------------------------------------------------------------------------------ mechanisms/agree */

static int next_rung(const Model *m, int i, int j, int k, int result) {
    const Tie *tie = &ties_of(m, i)[k];
    int rung = tie->agreement;
    if (result == STEP_BROKEN) return rung > 1 ? rung - 1 : NO_AGREEMENT;
    double trust = least_of(trust_in_tie(m, i, k), trust_in_tie(m, j, tie->mirror));
    int near = distance(m->orgs[i].position, m->orgs[j].position) <= confidence_bound(m, trust);
    if (rung == NO_AGREEMENT && near) return UNDERSTANDING;
    if (rung == UNDERSTANDING && result == STEP_KEPT) return JOINT_STEP;
    if (rung == JOINT_STEP && result == STEP_KEPT && near && trust >= m->rules.signing_trust) return SIGNED;
    return rung;
}

static void agree(Model *m) {
    for (int e = 0; e < m->meeting_count; e++) {
        const Meeting *x = &m->meetings[e];
        if (x->k >= 0) set_agreement(m, x->i, x->k, next_rung(m, x->i, x->j, x->k, x->result));
    }
}

/* ----------------------------------------------------------------------------------------- mechanisms/commit */

static inline double closeness(const Model *m, int i) {
    double a = m->orgs[i].position[0] - m->agenda[0], b = m->orgs[i].position[1] - m->agenda[1];
    return most_of(0.0, 1.0 - 2.0 * sqrt((a * a + b * b) / 2.0));
}

static inline double benefit(const Model *m, int i) { return m->worth * m->orgs[i].salience * closeness(m, i); }

static void sector_views(Model *m) {
    for (int s = 0; s < 3; s++) {
        int size = m->roster_size[s], yes = 0, no = 0;
        double n = size > 1 ? size : 1, kept = 0.0, broken = 0.0;
        for (int p = 0; p < size; p++) {
            const Organization *org = &m->orgs[m->roster[s * m->n + p]];
            kept += org->record_kept;
            broken += org->record_broken;
            yes += org->word == YES;
            no += org->word == NO;
        }
        m->sector_record[s][0] = kept / n;
        m->sector_record[s][1] = broken / n;
        m->sector_yes[s] = yes / n;
        m->sector_no[s] = no / n;
    }
}

static inline void note_belief(Model *m, int s, int entry, double will, double trust, double partners) {
    m->consents[s][m->entries[s]] = will;
    m->consenting[s][m->entries[s]++] = partners;
    m->belief[entry] = will * trust;
    m->believed[entry] = partners;
}

static int gather_beliefs(Model *m, int i, double listening) {
    Organization *org = &m->orgs[i];
    double trusted = 0.0, willing = 0.0, expected = 0.0;
    int entries = 0, strangers[3] = {m->roster_size[0], m->roster_size[1], m->roster_size[2]};
    strangers[org->sector]--;
    memset(m->entries, 0, sizeof m->entries);
    int partners = strangers[0] + strangers[1] + strangers[2];
    for (int k = 0; k < org->degree; k++) {
        const Organization *partner = &m->orgs[partners_of(m, i)[k]];
        if (partner->membership == MEMBER) {
            strangers[partner->sector]--;
            double trust = trust_in_tie(m, i, k);
            double will = willingness_in_tie(m, &ties_of(m, i)[k], listening * trust, partner->word);
            note_belief(m, partner->sector, entries++, will, trust, 1.0);
            trusted += trust;
            willing += will;
            expected += will * trust;
        }
    }
    for (int s = 0; s < 3; s++) {
        if (strangers[s] > 0) {
            double trust = trust_in_stranger(m, i, s, m->sector_record[s][0], m->sector_record[s][1]);
            double will = willingness_of_strangers(m, listening * trust, m->sector_yes[s], m->sector_no[s]);
            note_belief(m, s, entries++, will, trust, strangers[s]);
            trusted += strangers[s] * trust;
            willing += strangers[s] * will;
            expected += strangers[s] * will * trust;
        }
    }
    org->mean_trust = partners > 0 ? trusted / partners : 1.0;
    org->mean_willingness = partners > 0 ? willing / partners : 1.0;
    org->expected_share = partners > 0 ? expected / partners : 1.0;
    return entries;
}

static int would_commit(Model *m, int i, double demanded) {
    const Organization *org = &m->orgs[i];
    int entries = gather_beliefs(m, i, org->participation * m->rules.continuous_communication);
    double worth = benefit(m, i);
    if (demanded < 0.0 || demanded >= worth) return demanded < 0.0;
    int partners = m->members - 1, needed = number_needed(m, org->participation, partners);
    Enough deliver = {{m->belief}, {m->believed}, 1, {entries}, {partners}, {needed}, 0}, agree = {.groups = 3};
    int lacking = partners - (needed > 0 ? needed : 0), asked = 0;
    for (int s = 0; s < 3; s++) {
        agree.belief[s] = m->consents[s], agree.believed[s] = m->consenting[s], agree.entries[s] = m->entries[s];
        agree.partners[s] = m->roster_size[s] - (org->sector == s);
        agree.needed[s] = consents_needed(m, s) - (org->sector == s);
        int sure = agree.partners[s] - lacking > 0 ? agree.partners[s] - lacking : 0;
        asked |= m->rules.known > 0.0 && agree.needed[s] > sure;
    }
    if (needed <= 0 && !asked) return 1;
    double least = threshold_inside(m, org, 1.0 - (1.0 - demanded / worth));
    if (least < 0.0 || least >= 1.0) return least < 0.0;
    return chance_of_enough(m, &deliver, least) > least && (!asked || chance_of_enough(m, &agree, least) > least);
}

static void announce(Model *m) {
    const Parameters *r = &m->rules;
    for (int place = 0; place < m->members; place++) {
        int i = m->circle[place];
        double u = m->luck[place];
        m->luck[place] = r->noise > 0.0 ? r->cost - r->noise * log(u / (1.0 - u)) : r->cost;
        if (r->continuous_communication > 0.0) m->orgs[i].word = benefit(m, i) > m->luck[place] ? YES : NO;
    }
}

static int called_for(Model *m) {
    int mandates[3] = {0}, met = 1;
    for (int place = 0; place < m->members; place++) {
        const Organization *org = &m->orgs[m->circle[place]];
        mandates[org->sector] += org->mandate;
        met = met && org->board_met;
    }
    if (!all_sectors_agree(m, mandates) || (m->mandate_week == 0 && !met)) return 0;
    if (m->mandate_week == 0) m->mandate_week = m->week;
    return 1;
}

static void commit(Model *m) {
    uniform_each(m, m->members, m->circle, 0, ON_CHOICE, m->luck);
    announce(m);
    sector_views(m);
    if (m->rules.mandates > 0.0) m->called = called_for(m);
    for (int place = 0; place < m->members; place++) {
        int i = m->circle[place];
        m->orgs[i].intends = (int8_t)would_commit(m, i, m->luck[place]);
        m->orgs[i].committed = m->called ? m->orgs[i].intends & m->orgs[i].mandate : 0;
        m->orgs[i].decided = 1;
    }
}

/* ------------------------------------------------------------------------------------------ mechanisms/leave */

static void weigh(Model *m, int i) {
    Organization *org = &m->orgs[i];
    double load = org->capacity > 0.0 ? org->hours_spent / org->capacity : 0.0;
    int gains = !(benefit(m, i) * org->expected_share < m->rules.participation_cost * load);
    org->discontent = gains ? 0 : (int16_t)(org->discontent + 1);
    if (org->discontent >= m->rules.patience) leave_circle(m, i);
}

static void leave(Model *m) {
    uniform_each(m, m->n, m->everyone, 0, ON_TURNOVER, m->luck);
    for (int i = 0; i < m->n; i++) {
        m->orgs[i].salience *= m->salience_fade;
        if (m->luck[i] < m->orgs[i].turnover) {
            forget(m, i, m->rules.turnover_loss);
            m->orgs[i].mandate = m->rules.mandates == 0.0;
        }
        if (m->orgs[i].membership == MEMBER) weigh(m, i);
    }
    m->worth = m->season_worth;
}

/* ------------------------------------------------------------------------------------------------- engine.py */

static inline int in_coalition(const Organization *org) { return org->committed == 1 && org->signed_ > 0; }

static int obstacle(const Model *m, int convened, int inside) {
    int gaining = 0, willing = 0, holding = 0;
    for (int i = 0; i < m->n; i++) {
        gaining += benefit(m, i) > m->rules.cost;
        willing += m->orgs[i].intends;
        holding += m->orgs[i].intends * m->orgs[i].mandate;
    }
    double needed = m->rules.quorum * convened;
    if (gaining < needed) return NO_GAIN;
    if (willing < needed) return NO_BELIEF;
    if (holding < needed || !m->called) return NO_MANDATE;
    return inside < needed ? NO_SIGNATURE : NO_BREADTH;
}

static void break_off(Model *m) {
    if (m->standing) m->broken_off_week = m->week;
    m->standing = 0;
}

static void assess(Model *m) {
    int inside[3] = {0}, possible = 1;
    for (int i = 0; i < m->n; i++) inside[m->orgs[i].sector] += in_coalition(&m->orgs[i]);
    for (int s = 0; s < 3; s++) possible = possible && m->roster_size[s] >= m->rules.quorum * m->convened[s];
    int quorum = all_sectors_agree(m, inside);
    for (int tally = 0; tally < BROKEN_OFF; tally++) m->tallies[tally] *= m->tally_fade;
    if (!quorum) m->tallies[obstacle(m, m->n, inside[0] + inside[1] + inside[2])] += 1.0;
    m->streak = quorum ? (m->streak > 0 ? m->streak : 0) + 1 : (m->streak < 0 ? m->streak : 0) - 1;
    if (m->streak >= m->rules.formation_weeks) {
        m->standing = 1;
        if (!m->formed) {
            m->formed = 1;
            m->formation_week = m->week;
            m->hours_until_formed = m->hours;
            m->paid_until_formed = m->paid;
        }
    } else if (-m->streak >= m->rules.formation_weeks) {
        break_off(m);
    }
    if (!m->collapsed && (!possible || (m->week == m->weeks && !m->formed))) {
        m->collapsed = 1;
        m->collapse_week = m->week;
        break_off(m);
    }
}

static void run_week(Model *m) {
    begin_week(m);
    secure(m);
    convene(m);
    meet(m);
    deliberate(m);
    deliver(m);
    agree(m);
    commit(m);
    leave(m);
    assess(m);
}

/* ----------------------------------------------------------------------------------------------- outcomes.py */

static void write_coalition(const Model *m, double *row) {
    double total[3] = {0.0}, inside[3] = {0.0};
    int signed_ = 0;
    for (int i = 0; i < m->n; i++) {
        total[m->orgs[i].sector] += 1.0;
        inside[m->orgs[i].sector] += in_coalition(&m->orgs[i]);
        signed_ += m->orgs[i].signed_;
    }
    row[0] = inside[0] + inside[1] + inside[2];
    row[15] = row[16] = row[0] / m->n; /* all are convened */
    for (int s = 0; s < 3; s++) row[1 + s] = total[s] > 0.0 ? inside[s] / total[s] : NAN;
    row[6] = signed_ / 2.0;
}

static void write_trust(const Model *m, double *row) {
    double trust[2] = {0.0}, pairs[2] = {0.0}; /* within, across */
    for (int place = 0; place < m->members; place++) {
        int i = m->circle[place], s = m->orgs[i].sector;
        int strangers[3] = {m->roster_size[0], m->roster_size[1], m->roster_size[2]};
        strangers[s]--;
        for (int k = 0; k < m->orgs[i].degree; k++) {
            const Organization *partner = &m->orgs[partners_of(m, i)[k]];
            if (partner->membership == MEMBER) {
                strangers[partner->sector]--;
                trust[partner->sector != s] += trust_in_tie(m, i, k);
                pairs[partner->sector != s] += 1.0;
            }
        }
        for (int t = 0; t < 3; t++) {
            trust[t != s] += strangers[t] * trust_in_stranger(m, i, t, m->sector_record[t][0], m->sector_record[t][1]);
            pairs[t != s] += strangers[t];
        }
    }
    for (int across = 0; across < 2; across++)
        row[4 + across] = pairs[across] > 0.0 ? trust[across] / pairs[across] : NAN;
}

static void write_satisfaction(const Model *m, double *row) {
    double total = 0.0, weighted = 0.0, influence = 0.0, convened = 0.0, least = 1.0;
    for (int i = 0; i < m->n; i++) {
        if (m->orgs[i].membership != UNINVITED) {
            double near = closeness(m, i);
            total += near;
            weighted += m->orgs[i].influence * near;
            influence += m->orgs[i].influence;
            convened += 1.0;
            least = least_of(least, near);
        }
    }
    row[9] = total / convened;
    row[10] = least;
    row[11] = weighted / influence - total / convened;
}

static void write_group(const Model *m, double *row) {
    double willing = 0.0, belief = 0.0;
    for (int place = 0; place < m->members; place++) {
        willing += m->orgs[m->circle[place]].mean_willingness;
        belief += belief_in_group(m, &m->orgs[m->circle[place]]);
    }
    row[12] = m->members > 1 ? willing / m->members : NAN;
    row[13] = m->members > 1 ? belief / m->members : NAN;
    row[14] = 0.0; /* nobody signs a charter */
}

static void write_end(const Model *m, double *row) {
    int most = NO_GAIN;
    for (int tally = NO_BELIEF; tally < BROKEN_OFF; tally++)
        if (m->tallies[tally] > m->tallies[most]) most = tally;
    row[0] = m->standing;
    row[1] = m->formed && !m->standing ? m->broken_off_week : NAN;
    row[2] = m->standing ? STANDS : m->formed ? BROKEN_OFF : most;
    row[3] = m->launch_week > 0 ? m->launch_week : NAN;
    row[4] = NAN;
    row[5] = row[6] = row[7] = 0.0;
    row[8] = m->effort_weeks > 0 ? (double)m->came_off / m->effort_weeks : NAN;
    row[9] = row[10] = 0.0; /* pilots belong to a stage */
    row[11] = m->mandate_week > 0 ? m->mandate_week : NAN;
    row[12] = m->funding_week > 0 ? m->funding_week : NAN;
    row[13] = 0.0; /* nobody strengthens a sector */
    for (int s = 0; s < 3; s++) {
        row[14 + s] = NAN;
        row[17 + s] = row[20 + s] = 0.0;
        row[23 + s] = 1.0;
    }
    row[26] = m->formed ? m->paid_until_formed : m->paid;
    for (int i = 0; i < m->n; i++) row[23 + m->orgs[i].sector] = least_of(row[23 + m->orgs[i].sector], closeness(m, i));
}

static void write_outcomes(const Model *m, double *outcomes) {
    double *quantities = outcomes + 4;
    outcomes[0] = m->formed;
    outcomes[1] = m->formed ? m->formation_week : NAN;
    outcomes[2] = m->collapsed;
    outcomes[3] = m->collapsed ? m->collapse_week : NAN;
    write_coalition(m, quantities);
    write_trust(m, quantities);
    write_satisfaction(m, quantities);
    quantities[7] = m->promises > 0.0 ? m->promises_kept / m->promises : NAN;
    quantities[8] = m->formed ? m->hours_until_formed : m->hours;
    write_group(m, quantities);
    write_end(m, outcomes + 21);
    memcpy(outcomes + 48, m->context, sizeof m->context);
}

/* ------------------------------------------------------------------------------------------------ run_many */

/* Give a part of the block that starts at `*end` to an array, and move on to the next cache line. */
static void *part(uintptr_t *end, size_t bytes) {
    uintptr_t start = *end;
    *end += (bytes + 63) / 64 * 64;
    return (void *)start;
}

/* Lay out the memory of the runs from an address onwards; return how much it takes. */
static size_t lay_out(Model *m, uintptr_t start) {
    size_t n = m->n, entries = m->room + EXACT_LIMIT + 5; /* at least LANES more than ties */
    uintptr_t end = start;
    m->orgs = part(&end, n * sizeof *m->orgs);
    m->ties = part(&end, n * m->room * sizeof *m->ties);
    m->partner = part(&end, n * m->width * sizeof *m->partner);
    m->roster = part(&end, 3 * n * sizeof *m->roster);
    m->circle = part(&end, (n + LANES) * sizeof *m->circle);
    m->everyone = part(&end, (n + LANES) * sizeof *m->everyone);
    m->order = part(&end, n * sizeof *m->order);
    m->meetings = part(&end, (4 * n + 4) * sizeof *m->meetings);
    m->fading = part(&end, (m->weeks + 2) * sizeof *m->fading);
    m->wavering = part(&end, (m->weeks + 2) * sizeof *m->wavering);
    m->belief = part(&end, entries * sizeof *m->belief);
    m->believed = part(&end, entries * sizeof *m->believed);
    m->chances = part(&end, entries * sizeof *m->chances);
    for (int s = 0; s < 3; s++) {
        m->consents[s] = part(&end, entries * sizeof *m->consents[s]);
        m->consenting[s] = part(&end, entries * sizeof *m->consenting[s]);
    }
    m->witness = part(&end, entries * sizeof *m->witness);
    m->mirror = part(&end, entries * sizeof *m->mirror);
    m->luck = part(&end, (n + entries) * sizeof *m->luck);
    m->turn = part(&end, n * sizeof *m->turn);
    m->ranked = part(&end, n * sizeof *m->ranked);
    m->merged = part(&end, n * sizeof *m->merged);
    return end - start;
}

static void *allocate(Model *m) {
    m->width = (m->room + GROUP - 1) / GROUP * GROUP;
    size_t bytes = lay_out(m, 64);
    void *block = aligned_alloc(64, bytes);
    if (block == NULL) abort();
    memset(block, 0, bytes);
    lay_out(m, (uintptr_t)block);
    return block;
}

/* What is the same in all runs. */
static void prepare(Model *m) {
    const Parameters *r = &m->rules;
    for (int weeks = 0; weeks < m->weeks + 2; weeks++) m->fading[weeks] = pow(0.5, weeks / r->half_life);
    for (int weeks = 0; weeks < m->weeks + 2; weeks++) m->wavering[weeks] = pow(0.5, weeks / r->willingness_half_life);
    for (int i = 0; i < m->n; i++) m->everyone[i] = i;
    m->tally_fade = pow(0.5, 1.0 / r->formation_weeks);
    m->hours_of_meeting = r->meeting_hours * (1.0 - r->contact_saving * r->continuous_communication);
    m->salience_fade = pow(0.5, 1.0 / r->salience_half_life);
    prepare_shared_fate(m);
}

/* Run the seeds, SIDE_BY_SIDE at a time; outcomes has shape (runs, OUTCOMES), in the order of engine.OUTCOME_ROW. */
void run_many(const Parameters *rules, const int8_t *sector, int organizations, int max_ties, int weeks,
              const int64_t *seeds, int runs, double *outcomes) {
    Model models[SIDE_BY_SIDE];
    void *memory[SIDE_BY_SIDE];
    for (int s = 0; s < SIDE_BY_SIDE; s++) {
        models[s] = (Model){.rules = *rules, .n = organizations, .room = max_ties, .weeks = weeks};
        memory[s] = allocate(&models[s]);
        prepare(&models[s]);
    }
    for (int first = 0; first < runs; first += SIDE_BY_SIDE) {
        int count = runs - first < SIDE_BY_SIDE ? runs - first : SIDE_BY_SIDE;
        for (int s = 0; s < count; s++) build(&models[s], sector, seeds[first + s]);
        for (int week = 0; week < weeks; week++)
            for (int s = 0; s < count; s++)
                if (!models[s].collapsed) run_week(&models[s]);
        for (int s = 0; s < count; s++) write_outcomes(&models[s], outcomes + (size_t)(first + s) * OUTCOMES);
    }
    for (int s = 0; s < SIDE_BY_SIDE; s++) free(memory[s]);
}

/* How many doubles Parameters holds, and a row of outcomes, for the caller to check. */
int parameters(void) { return sizeof(Parameters) / sizeof(double); }
int outcomes_row(void) { return OUTCOMES; }
