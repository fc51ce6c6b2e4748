/** Compare: two plans on the same luck, where they part and why; and what hundreds of runs of each come to. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Course } from "./course";
import { useLevers } from "./levers";
import { partings, type Parting } from "./parting";
import { Picture } from "./picture";
import { impossible, samePlan } from "./plan";
import { usePlaying } from "./playing";
import { because } from "./reasons";
import { Results } from "./results";
import { courseOf } from "./runs";
import { Notice, usePage, useWords } from "./shared";
import { isolated } from "./words";

export function Compare(): JSX.Element {
  const { words, address, module, own, setPlan } = usePage();
  const alike = samePlan(...address.plans);
  const [edited, edit] = useState<0 | 1>(1);
  const levers = useLevers(edited);
  const wrong = address.plans.map((plan) => impossible(plan, own));
  const courses = useMemo(
    () => (wrong[0] || wrong[1] ? null : address.plans.map((plan) => courseOf(module, plan, own, address.seed))),
    [module, JSON.stringify(address.plans), own, address.seed],
  );
  return (
    <div class="watch compare">
      <div>
        <div class="tabs" role="group" aria-label={words.t("compare.edit")}>
          {([0, 1] as const).map((which) => (
            <button type="button" key={which} aria-pressed={edited === which} onClick={() => edit(which)}>
              {words.t(`compare.plan_${which}`)}
            </button>
          ))}
          {edited === 1 && !alike && (
            <button type="button" class="quiet" onClick={() => setPlan(1, address.plans[0])}>
              {words.t("compare.copy")}
            </button>
          )}
        </div>
        {levers}
      </div>
      <div class="stage wide">
        {courses ? (
          <SideBySide courses={courses as [Course, Course]} />
        ) : (
          <Notice kind="error">{words.t(`refusals.${wrong[0] ?? wrong[1]}`)}</Notice>
        )}
        {courses && <Results plans={address.plans} key={JSON.stringify([address.plans, address.seed])} />}
      </div>
    </div>
  );
}

function SideBySide({ courses }: { courses: [Course, Course] }): JSX.Element {
  const { words, address, go } = usePage();
  const selected = address.who;
  const select = (who: number | null): void => go({ who });
  const last = Math.max(courses[0].last, courses[1].last);
  const week = Math.min(address.week, last);
  const parts = useMemo(() => partings(...courses), [courses]);
  const alike = samePlan(...address.plans);
  const there = parts.filter((part) => part.week === week).flatMap((part) => part.who);
  return (
    <>
      <h2>{words.t("compare.one_luck")}</h2>
      <div class="pair">
        {courses.map((course, which) => (
          <div key={which}>
            <h3 class={`plan-${which}`}>
              {words.t(`compare.plan_${which}`)}: {words.t(`scenarios.${address.plans[which].scenario}.name`)}
            </h3>
            <Picture
              course={course}
              week={Math.min(week, course.last)}
              selected={selected !== null && selected < course.job.partners.ids.length ? selected : null}
              select={select}
              emphasized={there}
              legend={which === 0}
            />
            <End course={course} />
          </div>
        ))}
      </div>
      <Together week={week} last={last} />
      <section class="parting" aria-live="polite">
        <h3>{words.t("compare.part_title")}</h3>
        {parts.map((part) => (
          <p key={part.decision}>
            <Parted courses={courses} part={part} />{" "}
            {week !== part.week && (
              <button type="button" class="quiet" onClick={() => go({ week: part.week })}>
                {words.t("compare.go_there", { week: part.week })}
              </button>
            )}
          </p>
        ))}
        {parts.length === 0 && <p>{words.t(alike ? "compare.alike" : "compare.never_part")}</p>}
        {selected !== null &&
          courses.map((course, which) =>
            selected < course.job.partners.names.length ? (
              <p key={which}>
                <b class={`plan-${which}`}>{words.t(`compare.plan_${which}`)}</b>, {isolated(course.job.partners.names[selected])}
                : {because(words, course, Math.min(week, course.last), selected)}
              </p>
            ) : null,
          )}
      </section>
    </>
  );
}

/** Both pictures' week: play, or drag. */
function Together({ week, last }: { week: number; last: number }): JSX.Element {
  const { words, address, go } = usePage();
  const [playing, turn] = usePlaying(week, last, 160);
  return (
    <div class="transport">
      <button type="button" class="primary" onClick={turn}>
        {words.t(playing ? "watch.pause" : "watch.play")}
      </button>
      <input
        type="range"
        dir="ltr"
        min="0"
        max={last}
        value={week}
        aria-label={words.t("watch.to_week")}
        onInput={(event) => go({ week: Number(event.currentTarget.value) })}
      />
      <b>{words.t("watch.week", { week })}</b>
      <button type="button" onClick={() => go({ seed: address.seed + 1 })}>
        {words.t("watch.another_luck")}
      </button>
    </div>
  );
}

function End({ course }: { course: Course }): JSX.Element {
  const words = useWords();
  const { outcomes } = course;
  return (
    <p class="does">
      {outcomes.standing
        ? words.t("verdict.stands", { week: outcomes.formation_week })
        : words.t(outcomes.formed ? "verdict.broke_off" : "verdict.failed")}
    </p>
  );
}

/** The first decision in which two runs part, and why, in sentences. */
function Parted({ courses, part }: { courses: [Course, Course]; part: Parting }): JSX.Element {
  const words = useWords();
  const { week, who, decision, inFirst, weighed, reason } = part;
  const facts = { week, who: isolated(courses[0].job.partners.names[who[0]]), n: who.length - 1 };
  const first = words.t(`compare.parts.${decision}_${inFirst[0]}`, facts);
  const others = who.length > 1 ? ` ${words.t("compare.others", facts)}` : "";
  if (!reason) return <>{first + others}</>;
  const value = (side: 0 | 1): string => {
    const number = weighed[side]![reason];
    return reason === "needed" || reason === "worth" ? words.number(number, reason === "worth" ? 2 : 0) : words.percent(number);
  };
  const why = words.t("compare.why", { reason: words.t(`considered.${reason}`), first: value(0), second: value(1) });
  return <>{`${first}${others} ${why}`}</>;
}
