/** The levers of a plan: every switch with a sentence on what it does and costs, and every number that can be set. */

import { Fragment, type ComponentChildren, type JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import {
  asYaml,
  HAPPENINGS,
  impossible,
  OWN,
  refusal,
  same,
  strengthened,
  valuesOf,
  withValue,
  type Plan,
  type Values,
} from "./plan";
import { Notice, SectorMark, sectorName, usePage, useWords } from "./shared";
import { dated, tables, type Given, type Value } from "./tables";
import { isolated } from "./words";

const SIXTH = "trust_and_agreements"; // the component that has parts
const EVER = 1e9; // weeks

interface Of {
  plan: Plan;
  values: Values;
  set: (key: string, value: Value) => void;
  setPlan: (plan: Plan) => void;
}

interface Props {
  plan: Plan;
  setPlan: (plan: Plan) => void;
  own: Given | null; // the user's partners
  seed: number;
}

/** The levers of one plan of the page, drawn again only when they change. */
export function useLevers(which: 0 | 1): JSX.Element {
  const { address, setPlan, own } = usePage();
  const plan = address.plans[which];
  return useMemo(
    () => <Levers key={which} plan={plan} setPlan={(next) => setPlan(which, next)} own={own} seed={address.seed} />,
    [which, JSON.stringify(plan), setPlan, own, address.seed],
  );
}

function Levers({ plan, setPlan, own, seed }: Props): JSX.Element {
  const words = useWords();
  const values = valuesOf(plan);
  const set = (key: string, value: Value): void => setPlan(withValue(plan, key, value));
  const of: Of = { plan, values, set, setPlan };
  const why = impossible(plan, own);
  return (
    <section class="levers" aria-label={words.t("levers.title")}>
      <Choice
        label={words.t("levers.scenario")}
        value={plan.scenario}
        options={Object.keys(tables.scenarios).map((name) => [name, words.t(`scenarios.${name}.name`)])}
        choose={(scenario) => setPlan({ ...plan, scenario, set: onlyOf(plan.set, NOT_OF_A_SCENARIO) })}
      />
      <p class="does">{words.t(`scenarios.${plan.scenario}.does`)}</p>
      <Choice
        label={words.t("levers.population")}
        value={plan.population}
        options={["synthetic", ...Object.keys(tables.populations), ...(own ? [OWN] : [])].map((name) => [
          name,
          words.t(`populations.${name}`),
        ])}
        choose={(population) => setPlan({ ...plan, population })}
      />
      {why && <Notice kind="error">{words.t(`refusals.${why}`)}</Notice>}
      <Group title={words.t("levers.stages")} open>
        {tables.lists.stages.map((stage) => (
          <Switch key={stage} of={of} name={`stages.${stage}.active`} />
        ))}
      </Group>
      <Group title={words.t("levers.components")} open>
        {tables.lists.components.map((component) => (
          <Fragment key={component}>
            <Switch of={of} name={`components.${component}.active`} />
            {component === SIXTH && values[`components.${SIXTH}.active`] === true && (
              <div class="parts">
                {tables.lists.parts.map((part) => (
                  <Word key={part} of={of} list={`components.${SIXTH}.parts`} word={part} />
                ))}
              </div>
            )}
          </Fragment>
        ))}
      </Group>
      <Group title={words.t("levers.intra_sector")} open>
        <p class="does">{words.t("levers.intra_sector_does")}</p>
        {tables.lists.sectors.map((sector, s) => (
          <label class="switch" key={sector}>
            <input
              type="checkbox"
              checked={strengthened(values, sector)}
              onChange={() => setPlan(turned(plan, values, sector))}
            />
            <SectorMark sector={s} /> {sectorName(words, s)}
          </label>
        ))}
      </Group>
      <Group title={words.t("levers.context")}>
        {tables.lists.contexts.map((context) => (
          <Context key={context} of={of} name={context} />
        ))}
      </Group>
      <Group title={words.t("levers.events")}>
        {tables.lists.events.map((event) => (
          <Event key={event} of={of} name={event} />
        ))}
        {dated.map((_, which) => (
          <Happening key={which} of={of} which={which} own={own} />
        ))}
      </Group>
      <Group title={words.t("levers.everything")}>
        <Everything of={of} />
      </Group>
      <Kept plan={plan} seed={seed} own={own} />
    </section>
  );
}

/** What stays set when another scenario is chosen: who takes part, and in which context. */
const NOT_OF_A_SCENARIO = ["context.", "population.", "weeks", HAPPENINGS];

function onlyOf(set: Plan["set"], beginnings: string[]): Plan["set"] {
  return Object.fromEntries(Object.entries(set).filter(([key]) => beginnings.some((beginning) => key.startsWith(beginning))));
}

/** Return a plan in which a sector is strengthened if it was not, and not if it was. */
function turned(plan: Plan, values: Values, sector: string): Plan {
  const now = tables.lists.sectors.map((name) => strengthened(values, name) !== (name === sector));
  const apart = withValue(plan, "intra_sector.every", false);
  return tables.lists.sectors.reduce((next, name, s) => withValue(next, `intra_sector.${name}.active`, now[s]), apart);
}

function Group({ title, open, children }: { title: string; open?: boolean; children: ComponentChildren }): JSX.Element {
  return (
    <details class="group" open={open}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

export function Choice(props: {
  label: string;
  value: string;
  options: [string, string][];
  choose: (value: string) => void;
}): JSX.Element {
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.choose(event.currentTarget.value)}>
        {props.options.map(([value, text]) => (
          <option key={value} value={value} selected={value === props.value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Switch({ of, name, turn }: { of: Of; name: string; turn?: () => void }): JSX.Element {
  const words = useWords();
  const set = (on: boolean): void => (turn ? turn() : of.set(name, on));
  return (
    <label class="switch">
      <input type="checkbox" checked={of.values[name] === true} onChange={(event) => set(event.currentTarget.checked)} />
      <span>
        <b>{words.t(`switches.${name}.name`)}</b>
        <small>{words.t(`switches.${name}.does`)}</small>
      </span>
    </label>
  );
}

function Word({ of, list, word }: { of: Of; list: string; word: string }): JSX.Element {
  const words = useWords();
  const now = of.values[list] as string[];
  const all = tables.parameters[list].value as string[];
  const turn = (on: boolean): void =>
    of.set(
      list,
      all.filter((other) => (other === word ? on : now.includes(other))),
    );
  return (
    <label class="switch">
      <input type="checkbox" checked={now.includes(word)} onChange={(event) => turn(event.currentTarget.checked)} />
      <span>
        <b>{words.t(`parts.${word}.name`)}</b>
        <small>{words.t(`parts.${word}.does`)}</small>
      </span>
    </label>
  );
}

function Context({ of, name }: { of: Of; name: string }): JSX.Element {
  const words = useWords();
  const key = `context.${name}`;
  const { low = 0, high = 1, value } = tables.parameters[key];
  const now = of.values[key];
  const varies = Array.isArray(now);
  const middle = varies ? ((now[0] as number) + (now[1] as number)) / 2 : (now as number);
  return (
    <div class="context">
      <label for={key}>
        <b>{words.t(`contexts.${name}.name`)}</b>{" "}
        <output>
          {varies ? `${words.number(now[0] as number, 2)}–${words.number(now[1] as number, 2)}` : words.number(now as number, 2)}
        </output>
        <small>{words.t(`contexts.${name}.does`)}</small>
      </label>
      <input
        id={key}
        type="range"
        min={low}
        max={high}
        step="0.01"
        value={middle}
        onInput={(event) => of.set(key, Number(event.currentTarget.value))}
      />
      {!same(now, value) && (
        <button type="button" class="quiet" onClick={() => of.set(key, value)}>
          {words.t("levers.draw_again")}
        </button>
      )}
    </div>
  );
}

function Event({ of, name }: { of: Of; name: string }): JSX.Element {
  const words = useWords();
  const on = of.values[`events.${name}.active`] === true;
  const turn = (): void => {
    const rest = Object.fromEntries(Object.entries(of.plan.set).filter(([key]) => !key.startsWith(`events.${name}.`)));
    of.setPlan({ ...of.plan, set: on ? rest : { ...rest, ...tables.events[name] } });
  };
  return (
    <div class="event">
      <Switch of={of} name={`events.${name}.active`} turn={turn} />
      {on &&
        ["week", "size", "weeks"].map((what) => {
          const key = `events.${name}.${what}`;
          return key in tables.parameters ? (
            <NumberField key={key} of={of} name={key} label={words.t(`levers.event_${what}`)} />
          ) : null;
        })}
    </div>
  );
}

/** An event with a date that the page began with, as long as those whom it is about take part. */
function Happening({ of, which, own }: { of: Of; which: number; own: Given | null }): JSX.Element | null {
  const words = useWords();
  const { row, who } = dated[which];
  const [week, kind, size, weeks] = row;
  const partners = of.plan.population === OWN ? own : tables.populations[of.plan.population];
  const names = who.map((id) => partners?.names[partners.ids.indexOf(id)]);
  if (names.includes(undefined)) return null;
  const { events, events_of_one } = tables.lists;
  const ofAll = events[kind]; // undefined for an event of one
  const lasts = ofAll ? `events.${ofAll}.weeks` in tables.parameters : weeks < EVER;
  const said = words.t(ofAll ? "log.event" : `log.happens_${events_of_one[kind - events.length]}`, {
    event: ofAll ? words.t(`switches.events.${ofAll}.active.name`) : "",
    who: isolated(names[0] ?? ""),
    whom: isolated(names[1] ?? ""),
    times: words.number(size, size % 1 ? 1 : 0),
  });
  const when = week ? words.t("log_week", { week }) : words.t("levers.from_start");
  const now = of.values[HAPPENINGS] as number[];
  const turn = (on: boolean): void =>
    of.set(
      HAPPENINGS,
      dated.map((_, other) => other).filter((other) => (other === which ? on : now.includes(other))),
    );
  return (
    <label class="switch">
      <input type="checkbox" checked={now.includes(which)} onChange={(change) => turn(change.currentTarget.checked)} />
      <span>
        <b>{`${when} ${said}`}</b>
        {lasts && <small>{words.t("levers.for_weeks", { n: weeks })}</small>}
      </span>
    </label>
  );
}

function NumberField({ of, name, label }: { of: Of; name: string; label: string }): JSX.Element {
  const words = useWords();
  const [wrong, setWrong] = useState<string | null>(null);
  const { low = 0, high = 1, whole } = tables.parameters[name];
  const type = (text: string): void => {
    const value = text.trim() === "" ? NaN : Number(text);
    const fits = refusal(name, value) === null;
    setWrong(fits ? null : text);
    if (fits) of.set(name, value);
  };
  return (
    <label class="number">
      <span>{label}</span>
      <input
        type="number"
        step={whole ? 1 : "any"}
        value={wrong ?? (of.values[name] as number)}
        aria-invalid={wrong !== null}
        onChange={(event) => type(event.currentTarget.value)}
      />
      {wrong !== null && (
        <small class="wrong" role="alert">
          {words.t("refusals.number", { low: words.number(low, low % 1 ? 2 : 0), high: words.number(high, high % 1 ? 2 : 0) })}
        </small>
      )}
    </label>
  );
}

/** Every number and switch of the model, to be searched. */
function Everything({ of }: { of: Of }): JSX.Element {
  const words = useWords();
  const [sought, seek] = useState("");
  const shown = Object.keys(tables.parameters)
    .filter((key) => isPlain(key) && `${key} ${words.t(`parameters.${key}`)}`.toLowerCase().includes(sought.trim().toLowerCase()))
    .slice(0, sought ? 40 : 0);
  return (
    <>
      <label class="choice">
        <span>{words.t("levers.search")}</span>
        <input type="search" value={sought} onInput={(event) => seek(event.currentTarget.value)} />
      </label>
      {shown.map((key) =>
        typeof tables.parameters[key].value === "boolean" ? (
          <label class="switch" key={key}>
            <input
              type="checkbox"
              checked={of.values[key] === true}
              onChange={(event) => of.set(key, event.currentTarget.checked)}
            />
            <span>
              <b class="key">{key}</b>
              <small>{words.t(`parameters.${key}`)}</small>
            </span>
          </label>
        ) : (
          <div key={key}>
            <NumberField of={of} name={key} label={key} />
            <small class="does">{words.t(`parameters.${key}`)}</small>
          </div>
        ),
      )}
    </>
  );
}

/** Whether a key is set here: a number or a switch that no other lever shows. */
function isPlain(key: string): boolean {
  const { value, varying } = tables.parameters[key];
  return (typeof value === "number" || typeof value === "boolean") && !varying && key !== "seed";
}

/** The plan as a link and as a file. */
function Kept({ plan, seed, own }: { plan: Plan; seed: number; own: Given | null }): JSX.Element {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  const yaml = asYaml(plan, seed, own);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(location.href);
    setCopied(true);
  };
  return (
    <details class="group">
      <summary>{words.t("levers.keep")}</summary>
      <p class="does">{words.t("levers.keep_does")}</p>
      <button type="button" onClick={copy}>
        {words.t(copied ? "levers.copied" : "levers.copy_link")}
      </button>{" "}
      <a class="button" download="plan.yaml" href={`data:text/yaml;charset=utf-8,${encodeURIComponent(yaml)}`}>
        {words.t("levers.download_yaml")}
      </a>
      <pre class="yaml" dir="ltr">
        {yaml}
      </pre>
      <p class="does" dir="ltr">
        <code>ci-sim run plan=plan.yaml</code>
      </p>
    </details>
  );
}
