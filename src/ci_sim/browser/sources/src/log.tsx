/** What happened, in words, the latest first. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Course, Happening } from "./course";
import { sectorName, stageName, useWords } from "./shared";
import { isolated, type Words } from "./words";

const SHOWN = 80; // happenings that are listed at most
/** What is told only where everything is asked for: it happens every week to somebody. */
const SMALL = new Set([
  "step_kept",
  "step_broken",
  "commits",
  "withdraws",
  "mandated",
  "unmandated",
  "effort_came_off",
  "effort_failed",
]);

interface Props {
  course: Course;
  week: number;
  select: (who: number) => void;
}

export function Log({ course, week, select }: Props): JSX.Element {
  const words = useWords();
  const [everything, tellAll] = useState(false);
  const found: Together[] = [];
  for (let w = week; w > 0 && found.length < SHOWN; w--) {
    found.push(...together(course.weeks[w].happenings.filter(({ what }) => everything || !SMALL.has(what))));
  }
  return (
    <section class="log" aria-label={words.t("log_title")}>
      <h2>{words.t("log_title")}</h2>
      <label class="switch">
        <input type="checkbox" checked={everything} onChange={(event) => tellAll(event.currentTarget.checked)} />
        {words.t("log_everything")}
      </label>
      {found.length === 0 && <p class="does">{words.t("log_nothing")}</p>}
      <ol reversed>
        {found.slice(0, SHOWN).map((happening, i) => (
          <li key={`${happening.week}-${i}`} class={LOUD[happening.what]}>
            {happening.who === undefined ? (
              inWords(words, course, happening)
            ) : (
              <button type="button" class="quiet" onClick={() => select(happening.who!)}>
                {inWords(words, course, happening)}
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

const LOUD: Record<string, string> = {
  formed: "good",
  stands_again: "good",
  charter: "good",
  sector_charter: "good",
  collapsed: "bad",
  broken_off: "bad",
  event: "event",
};

/** What happened to some organizations in a week: told at once where it is many. */
interface Together extends Happening {
  others: number[];
}

function together(happenings: Happening[]): Together[] {
  const told: Together[] = [];
  for (const happening of happenings) {
    const like = told.find(({ what, whom }) => what === happening.what && whom === undefined && happening.whom === undefined);
    if (like && happening.who !== undefined && happening.sector === undefined) like.others.push(happening.who);
    else told.push({ ...happening, others: [] });
  }
  return told;
}

/** Return a happening as a sentence that begins with its week. */
export function inWords(words: Words, course: Course, { week, what, who, whom, sector, event, size, others }: Together): string {
  const { names } = course.job.partners;
  const name = (i: number | undefined): string => {
    if (i === undefined) return "";
    const shown = [i, ...others.slice(0, 2)].map((k) => isolated(names[k])).join(", ");
    return others.length > 2 ? words.t("log_more", { who: shown, n: others.length - 2 }) : shown;
  };
  const text = words.t(`log.${what}`, {
    who: name(who),
    whom: whom === undefined ? "" : isolated(names[whom]),
    sector: sector === undefined ? "" : sectorName(words, sector),
    event: event === undefined ? "" : words.t(`switches.events.${event}.active.name`),
    stage: what === "stage" ? stageName(words, size!) : "",
    times: size === undefined ? "" : words.number(size, size % 1 ? 1 : 0),
  });
  return `${words.t("log_week", { week })} ${text}`;
}
