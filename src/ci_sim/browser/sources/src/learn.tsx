/** Learn: the four insights as four short chapters; one thing a screen, and the reader bets before the model shows. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { WeekChart } from "./charts";
import { cameOut, CHAPTERS, codeOf, type Answer, type Answers, type Bet, type Chapter } from "./chapters";
import { Picture } from "./picture";
import type { Plan } from "./plan";
import { curve, effectOn, RUNS, useManyRuns } from "./results";
import { courseOf } from "./runs";
import { beginning, Notice, useKept, usePage, useWords } from "./shared";
import { tables } from "./tables";

const SCREENS = ["question", "bet", "run", "elsewhere", "sandbox"] as const;

export function Learn(): JSX.Element {
  const words = useWords();
  const { address } = usePage();
  const [at, setAt] = useKept<[number, number] | null>("chapter and screen", () => null);
  const [bets, setBets] = useKept<Record<string, Bet>>("bets", () => ({}));
  const [answers, answer] = useKept<Answers>("answers", () => ({}));
  const [luck] = useKept("luck", () => luckOf(address.seed));
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.focus(), [at?.join()]);
  return (
    <div class="learn" ref={top} tabIndex={-1}>
      {at === null ? (
        <Contents answers={answers} luck={luck} open={(chapter) => setAt([chapter, 0])} />
      ) : (
        <>
          <p class="where">
            <button type="button" class="quiet" onClick={() => setAt(null)}>
              {words.t("learn.contents")}
            </button>{" "}
            {words.t("learn.where", { chapter: at[0] + 1, screen: at[1] + 1, screens: SCREENS.length })}
          </p>
          <Screen
            key={at.join()}
            chapter={CHAPTERS[at[0]]}
            screen={SCREENS[at[1]]}
            luck={luck}
            bet={bets[CHAPTERS[at[0]].id] ?? null}
            setBet={(bet) => setBets({ ...bets, [CHAPTERS[at[0]].id]: bet })}
            answer={(found) => answer({ ...answers, [CHAPTERS[at[0]].id]: found })}
            next={() =>
              setAt(at[1] + 1 < SCREENS.length ? [at[0], at[1] + 1] : at[0] + 1 < CHAPTERS.length ? [at[0] + 1, 0] : null)
            }
          />
        </>
      )}
    </div>
  );
}

/** Each reader has a luck of its own, unless the link says which. */
function luckOf(seed: number): number {
  return seed === beginning.seed ? 2 + Math.floor(Math.random() * 9998) : seed;
}

function Contents({ answers, luck, open }: { answers: Answers; luck: number; open: (chapter: number) => void }): JSX.Element {
  const { words, go } = usePage();
  return (
    <>
      <h2>{words.t("learn.title")}</h2>
      <p>{words.t("learn.intro")}</p>
      <ol class="chapters">
        {CHAPTERS.map(({ id }, i) => (
          <li key={id}>
            <button type="button" onClick={() => open(i)}>
              <b>{words.t(`chapters.${id}.title`)}</b>
              <small>{answers[id] ? words.t("learn.answered") : words.t(`chapters.${id}.lead`)}</small>
            </button>
          </li>
        ))}
      </ol>
      {Object.keys(answers).length > 0 && (
        <p class="code">
          {words.t("learn.code")} <code dir="ltr">{codeOf(luck, answers)}</code>
        </p>
      )}
      <p>
        <button type="button" class="quiet" onClick={() => go({ view: "teach" })}>
          {words.t("learn.teacher")}
        </button>
      </p>
    </>
  );
}

interface ScreenProps {
  chapter: Chapter;
  screen: (typeof SCREENS)[number];
  luck: number;
  bet: Bet | null;
  setBet: (bet: Bet) => void;
  answer: (answer: Answer) => void;
  next: () => void;
}

function Screen({ chapter, screen, luck, bet, setBet, answer, next }: ScreenProps): JSX.Element {
  const { words, go } = usePage();
  const on = (
    <button type="button" class="primary" onClick={next} disabled={screen === "bet" && bet === null}>
      {words.t("learn.next")}
    </button>
  );
  const text = (what: string): JSX.Element => <p class="lead">{words.t(`chapters.${chapter.id}.${what}`)}</p>;
  switch (screen) {
    case "question":
      return (
        <>
          <h2>{words.t(`chapters.${chapter.id}.title`)}</h2>
          {text("question")}
          <Glimpse plan={chapter.plans[1]} luck={luck} />
          {on}
        </>
      );
    case "bet":
      return (
        <>
          <h2>{words.t("learn.your_bet")}</h2>
          {text("bet")}
          <Bets bet={bet} choose={setBet} />
          {on}
        </>
      );
    case "run":
      return (
        <>
          <h2>{words.t("learn.what_happens")}</h2>
          <Trial
            plans={chapter.plans}
            bet={bet}
            text={(came) => words.t(`chapters.${chapter.id}.${came}`)}
            luck={luck}
            found={(points, half) => bet && answer({ bet, points, half })}
          />
          {on}
        </>
      );
    case "elsewhere":
      return (
        <>
          <h2>{words.t("learn.elsewhere")}</h2>
          {text("elsewhere")}
          <Trial plans={chapter.elsewhere} bet={null} luck={luck} text={(came) => words.t(`learn.elsewhere_${came}`)} />
          {on}
        </>
      );
    case "sandbox":
      return (
        <>
          <h2>{words.t("learn.sandbox")}</h2>
          {text("sandbox")}
          <p>
            <button
              type="button"
              class="primary"
              onClick={() => go({ view: "compare", plans: chapter.plans, seed: luck, week: 0 })}
            >
              {words.t("learn.play")}
            </button>{" "}
            <button type="button" onClick={next}>
              {words.t("learn.on")}
            </button>
          </p>
        </>
      );
  }
}

/** One run, moving by itself, to have something to look at. */
function Glimpse({ plan, luck }: { plan: Plan; luck: number }): JSX.Element {
  const { module } = usePage();
  const course = useMemo(() => courseOf(module, plan, null, luck), []);
  const [week, setWeek] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setWeek((now) => (now >= course.last ? 0 : now + 1)), 120);
    return () => clearInterval(timer);
  }, []);
  return <Picture course={course} week={week} selected={null} select={() => undefined} />;
}

function Bets({ bet, choose }: { bet: Bet | null; choose: (bet: Bet) => void }): JSX.Element {
  const words = useWords();
  return (
    <div class="bets" role="group" aria-label={words.t("learn.your_bet")}>
      {(["more", "same", "less"] as const).map((option) => (
        <button type="button" key={option} aria-pressed={bet === option} onClick={() => choose(option)}>
          {words.t(`learn.bet_${option}`)}
        </button>
      ))}
    </div>
  );
}

interface TrialProps {
  plans: [Plan, Plan];
  bet: Bet | null;
  luck: number;
  text: (came: Bet) => string;
  found?: (points: number, half: number) => void;
}

/** Two hundred pairs, run before the reader's eyes, and what came of the bet. */
function Trial({ plans, bet, luck, text, found }: TrialProps): JSX.Element {
  const words = useWords();
  const { workers, start, running } = useManyRuns(plans, luck, RUNS);
  const pairs = workers?.outcomes.pairs ?? [];
  const weeks = tables.parameters.weeks.value as number;
  const over = workers !== null && !running && pairs.length === RUNS;
  const effect = pairs.length > 1 ? effectOn(workers!.outcomes, "formed", pairs, weeks) : null;
  const points = effect ? 100 * effect.estimate : NaN;
  const half = effect ? 50 * (effect.high - effect.low) : NaN;
  useEffect(() => {
    if (over && found) found(points, half);
  }, [over]);
  const came = cameOut({ points, half });
  return (
    <>
      {workers === null && (
        <p>
          <button type="button" class="primary" onClick={start}>
            {words.t("learn.run", { n: RUNS })}
          </button>
        </p>
      )}
      {workers !== null && (
        <>
          <progress value={pairs.length} max={RUNS} aria-label={words.t("results.progress")} />
          {pairs.length > 1 && (
            <WeekChart
              title={words.t("results.curve")}
              lines={[0, 1].map((which) => curve(workers.outcomes, which, pairs, weeks, words.t(`learn.plan_${which}`)))}
              weeks={weeks}
              top={1}
              percent
              height={170}
            />
          )}
        </>
      )}
      {workers !== null && workers.died > 0 && !running && <Notice kind="error">{words.t("results.workers_died")}</Notice>}
      {over && (
        <div class="answer" role="status">
          <p>
            {words.t("learn.found", {
              points: words.signed(points, 0),
              low: words.signed(100 * effect!.low, 0),
              high: words.signed(100 * effect!.high, 0),
            })}
          </p>
          {bet && <p>{words.t(came === bet ? "learn.right" : "learn.wrong", { bet: words.t(`learn.bet_${bet}`) })}</p>}
          <p>{text(came)}</p>
        </div>
      )}
    </>
  );
}
