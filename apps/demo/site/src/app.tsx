import { Compare } from "./parts/compare.js";
import { Faults } from "./parts/faults.js";
import { Header } from "./parts/header.js";
import { Lessons } from "./parts/lessons.js";
import { Moving } from "./parts/moving.js";
import { Notices } from "./parts/notices.js";
import { Phones } from "./parts/phones.js";
import { Race } from "./parts/race.js";
import { TimelineSection } from "./parts/timeline.js";
import { pageId } from "./state/page-id.js";

export function App() {
  return (
    <>
      <a class="skip" href="#race">
        Skip to the race
      </a>
      <Header />
      <main>
        <Lessons />
        <Race />
        <Faults />
        <TimelineSection />
        <Phones />
        <Moving />
        <Compare />
      </main>
      <footer class="footer">
        <p>
          Everything here is measured on this machine, against a local stand-in for Apple. Not affiliated with Apple.
        </p>
        <p>
          Say something on this page from outside (to “all” instead: on every page):{" "}
          <code>
            curl {location.origin}/api/messages --json '{JSON.stringify({ to: pageId.value, text: "Hello" })}'
          </code>
        </p>
      </footer>
      <Notices />
    </>
  );
}
