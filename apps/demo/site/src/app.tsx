import { Compare } from "./parts/compare.js";
import { Faults } from "./parts/faults.js";
import { Header } from "./parts/header.js";
import { Lessons } from "./parts/lessons.js";
import { Messages } from "./parts/messages.js";
import { Moving } from "./parts/moving.js";
import { Notices } from "./parts/notices.js";
import { Phones } from "./parts/phones.js";
import { Race } from "./parts/race.js";
import { TimelineSection } from "./parts/timeline.js";

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
        <Messages />
      </main>
      <footer class="footer">
        Everything here is measured on this machine, against a local stand-in for Apple. Not affiliated with Apple.
      </footer>
      <Notices />
    </>
  );
}
