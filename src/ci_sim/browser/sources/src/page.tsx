/** The page: what it holds is read, the rules are made ready, and the views are shown, whose state is in the address. */

import { render, type JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { readAddress, VIEWS, writeAddress, type Address, type Refused } from "./address";
import { Compare } from "./compare";
import { Learn } from "./learn";
import { Partners } from "./partners_view";
import { Engine } from "./memory";
import { jobOf, type Plan } from "./plan";
import { beginning, held, Notice, PageContext, WordsContext } from "./shared";
import { readTables, tables, type Given, type Tables } from "./tables";
import { Teach } from "./teach";
import { Watch } from "./watch";
import { DIRECTIONS, Words, type Texts } from "./words";

const TELL = 400; // milliseconds between two changes of the address: browsers refuse more

const languages = JSON.parse(held("texts")) as Record<string, Texts>;

function plainAddress(): Address {
  const [first, second] = beginning.plans;
  const other: Plan = second ?? { scenario: "sixth_component", population: first.population, set: {} };
  return { view: "watch", seed: beginning.seed, week: 0, who: null, plans: [first, other] };
}

function firstLocale(): string {
  const asked = new URLSearchParams(location.search).get("locale") ?? "";
  return asked in languages ? asked : beginning.locale;
}

function App({ module }: { module: WebAssembly.Module }): JSX.Element {
  const [locale, setLocale] = useState(firstLocale);
  const [read, setRead] = useState(() => readAddress(location.hash, plainAddress()));
  const [own, setOwn] = useState<Given | null>(beginning.own);
  const words = useMemo(() => new Words({ code: locale, texts: languages[locale] }), [locale]);
  useEffect(() => {
    document.documentElement.lang = locale;
    document.documentElement.dir = DIRECTIONS[locale];
    document.title = words.t("title");
  }, [locale]);
  useEffect(() => {
    const follow = (): void =>
      setRead((now) => (writeAddress(now.address) === location.hash ? now : readAddress(location.hash, plainAddress())));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const told = useRef(0);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        told.current = performance.now();
        tell(read.address);
      },
      Math.max(0, told.current + TELL - performance.now()),
    );
    return () => clearTimeout(timer);
  }, [read.address]);
  const go = useCallback(
    (change: Partial<Address>): void => setRead((now) => ({ address: { ...now.address, ...change }, refused: [] })),
    [],
  );
  const setPlan = useCallback(
    (which: 0 | 1, plan: Plan): void =>
      setRead((now) => {
        const plans: [Plan, Plan] = [...now.address.plans];
        plans[which] = plan;
        return { address: { ...now.address, plans }, refused: [] };
      }),
    [],
  );
  const { address, refused } = read;
  const needsOwn = address.plans.some(({ population }) => population === "own") && own === null;
  const shown = needsOwn ? withoutOwn(address) : address;
  return (
    <WordsContext.Provider value={words}>
      <PageContext.Provider value={{ module, address: shown, own, go, setPlan, setOwn }}>
        <header>
          <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById("main")!.focus())}>
            {words.t("skip")}
          </a>
          <h1>{words.t("title")}</h1>
          <nav aria-label={words.t("views.title")}>
            {VIEWS.filter((view) => view !== "teach").map((view) => (
              <button
                type="button"
                key={view}
                aria-current={address.view === view ? "page" : undefined}
                onClick={() => go({ view })}
              >
                {words.t(`views.${view}`)}
              </button>
            ))}
          </nav>
          <div class="tools">
            <Theme label={words.t("theme")} />
            {Object.keys(languages)
              .filter((code) => code !== locale)
              .map((code) => (
                <button type="button" key={code} lang={code} onClick={() => setLocale(code)}>
                  {String(languages[code].language)}
                </button>
              ))}
          </div>
        </header>
        <main id="main" tabIndex={-1}>
          {refused.length > 0 && <Refusals refused={refused} words={words} />}
          {needsOwn && <Notice kind="error">{words.t("refusals.no_partners")}</Notice>}
          <View name={address.view} />
        </main>
        <footer>
          <p>{words.t("footer")}</p>
        </footer>
      </PageContext.Provider>
    </WordsContext.Provider>
  );
}

/** Write the address; another view is a step that the browser's way back undoes. */
function tell(address: Address): void {
  if (location.protocol === "about:") return; // carried by another page, it has no address
  const there = location.search + writeAddress(address);
  const same = !location.hash || new URLSearchParams(location.hash.slice(1)).get("view") === address.view;
  if (same && location.protocol !== "about:")
    history.replaceState(null, "", there); // within another page there is no address
  else history.pushState(null, "", there);
}

/** A link cannot carry the sender's partners: organizations that are drawn stand in for them. */
function withoutOwn(address: Address): Address {
  const other = (plan: Plan): Plan => (plan.population === "own" ? { ...plan, population: "synthetic" } : plan);
  return { ...address, plans: [other(address.plans[0]), other(address.plans[1])] };
}

function View({ name }: { name: string }): JSX.Element {
  switch (name) {
    case "compare":
      return <Compare />;
    case "learn":
      return <Learn />;
    case "partners":
      return <Partners />;
    case "teach":
      return <Teach />;
  }
  return <Watch />;
}

function Refusals({ refused, words }: { refused: Refused[]; words: Words }): JSX.Element {
  return (
    <Notice kind="error">
      {words.t("refusals.address")}
      <ul>
        {refused.slice(0, 8).map(({ text, why }) => (
          <li key={text}>
            <code dir="ltr">{text.slice(0, 120)}</code>: {words.t(`refusals.${why}`)}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** Light or dark: as the system has it, until the reader says otherwise. */
function Theme({ label }: { label: string }): JSX.Element {
  const { dataset } = document.documentElement;
  const chosen = useRef(false);
  useLayoutEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const follow = (): void => {
      if (!chosen.current) dataset.theme = system.matches ? "dark" : "light";
    };
    follow();
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, []);
  const turn = (): void => {
    chosen.current = true;
    dataset.theme = dataset.theme === "dark" ? "light" : "dark";
  };
  return (
    <button type="button" onClick={turn} aria-label={label} title={label}>
      ◐
    </button>
  );
}

/** Return the rules' module: it is held by the page itself, compressed. */
async function rules(): Promise<WebAssembly.Module> {
  const bytes = Uint8Array.from(atob(held("engine")), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
}

/** What a script on the page can ask for: the outcomes of a plan in some replicates of a seed, as the command line has them. */
function askedByScripts(module: WebAssembly.Module): void {
  const ciSim = {
    outcomes(address: string, runs: number): Record<string, number>[] {
      const { plans, seed } = readAddress(address, plainAddress()).address;
      const engine = new Engine(module);
      engine.layOut(jobOf(plans[0], beginning.own), Array<number>(runs).fill(seed));
      engine.act("seed", 0, runs);
      engine.act("run", 0, runs);
      const numbers = engine.numbers("outcomes");
      const names = tables.rows.outcomes;
      return Array.from({ length: runs }, (_, r) =>
        Object.fromEntries(names.map((name, i) => [name, numbers[r * names.length + i]])),
      );
    },
  };
  Object.assign(window, { ciSim });
}

async function begin(): Promise<void> {
  readTables(JSON.parse(held("tables")) as Tables, beginning.happenings);
  const root = document.getElementById("page")!;
  try {
    const module = await rules();
    root.textContent = "";
    askedByScripts(module);
    render(<App module={module} />, root);
  } catch (error) {
    const texts = languages[firstLocale()];
    root.textContent = `${String(texts.no_webassembly)} (${String(error)})`;
    root.setAttribute("role", "alert");
  }
}

void begin();
