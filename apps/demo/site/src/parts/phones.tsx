import type { PageRequest, PhoneView, ShownNotification } from "../../../src/page/protocol.js";
import { clockTime, wireTitles } from "../format.js";
import { request } from "../state/server.js";
import { events, link, phones } from "../state/store.js";
import { Compose } from "./compose.js";

type PhoneAction = Extract<PageRequest, { readonly type: "phone" }>["action"];

/** A few phones, and one notification at a time to one of them. */
export function Phones() {
  return (
    <section id="phones" class="section" aria-labelledby="phones-title">
      <h2 id="phones-title">Three phones</h2>
      <p class="lead">
        Send one notification, see every byte of it, and watch it arrive. Take a phone offline: Apple keeps one
        notification for it, the newest. Remove the app: HTTP/2 answers 410 to the next one; the binary wire accepts it,
        and tells of it only who asks its feedback service.
      </p>
      {phones.value.length === 0 && <p class="phones-none muted">The phones are being switched on …</p>}
      <ul class="phones">
        {phones.value.map((phone, index) => (
          <li key={phone.name}>
            <Phone phone={phone} index={index} />
          </li>
        ))}
      </ul>
      <Feedback />
      <Compose />
    </section>
  );
}

/** The binary wire's way to hear of removed apps, and what it told last. */
function Feedback() {
  const told = events.value.findLast(({ kind }) => kind === "feedback");
  return (
    <div class="feedback">
      <button
        type="button"
        class="button"
        disabled={link.value !== "open"}
        onClick={() => void request({ type: "readFeedback" })}
      >
        Ask the feedback service
      </button>
      <p class="muted" role="status">
        {told === undefined
          ? "It lists the device tokens whose app is gone, each once."
          : `${clockTime(told.at)} · ${told.text}`}
      </p>
    </div>
  );
}

function Phone({ phone, index }: { readonly phone: PhoneView; readonly index: number }) {
  const { name, online, installed, badge, waiting, dropped, activity } = phone;
  const act = (action: PhoneAction, text: string) => (
    <button
      type="button"
      class="button quiet"
      disabled={link.value !== "open"}
      onClick={() => void request({ type: "phone", phone: index, action })}
    >
      {text}
      <span class="visually-hidden">: {name}'s phone</span>
    </button>
  );
  return (
    <article class="phone-box" aria-label={`${name}'s phone`} data-phone={name}>
      <div class={`phone ${online ? "" : "is-offline"}`}>
        <p class="phone-bar">
          <span>{name}</span>
          <span>{online ? "online" : "offline"}</span>
        </p>
        {activity !== null && (
          <div class="shown activity">
            <b>{activity.title}</b>
            <p>
              {activity.message}
              {activity.ended && " (ended)"}
            </p>
            <progress class="progress" max={100} value={activity.percent} aria-label={activity.title} />
          </div>
        )}
        <ul class="screen" aria-label="Lock screen" aria-live="polite">
          {threadsOf(phone.shown).map((thread) => (
            <Thread key={thread[0]!.id} thread={thread} />
          ))}
        </ul>
        <p class="app-icon" data-installed={installed}>
          {installed ? "Demo app" : "no app"}
          {badge > 0 && (
            <span class="badge">
              {badge}
              <span class="visually-hidden"> on the badge</span>
            </span>
          )}
        </p>
      </div>
      <p class="muted phone-fate">
        {waiting > 0 ? "One waits at Apple. " : ""}
        {dropped > 0 ? `${dropped} never arrived.` : ""}
      </p>
      <div class="phone-buttons">
        {online ? act("offline", "Go offline") : act("online", "Come back")}
        {installed ? act("uninstall", "Remove app") : act("install", "Install app")}
        {act("clear", "Clear")}
      </div>
    </article>
  );
}

/** Notifications of one thread, newest first; a notification without a thread is a group of its own. */
function threadsOf(shown: readonly ShownNotification[]): readonly (readonly ShownNotification[])[] {
  const threads = new Map<string, ShownNotification[]>();
  for (const notification of shown) {
    const key = notification.threadId === "" ? `id ${notification.id}` : `thread ${notification.threadId}`;
    const thread = threads.get(key);
    if (thread === undefined) threads.set(key, [notification]);
    else thread.push(notification);
  }
  return [...threads.values()];
}

function Thread({ thread }: { readonly thread: readonly ShownNotification[] }) {
  const { title, subtitle, body, sound, stored, wire } = thread[0]!;
  return (
    <li class="shown">
      <b>
        {title}{" "}
        {sound && (
          <svg class="bell" role="img" aria-label="with a sound" viewBox="0 0 16 16">
            <path d="M8 1.2a4.4 4.4 0 0 0-4.4 4.4c0 3.6-1.6 4.8-1.6 5.9h12c0-1.1-1.6-2.3-1.6-5.9A4.4 4.4 0 0 0 8 1.2ZM6.3 12.8a1.8 1.8 0 0 0 3.4 0Z" />
          </svg>
        )}
      </b>
      {subtitle !== "" && <p>{subtitle}</p>}
      <p class="shown-body">{body}</p>
      <p class="shown-foot">
        {wireTitles[wire]}
        {stored && " · was stored"}
        {thread.length > 1 && ` · ${thread.length - 1} more`}
      </p>
    </li>
  );
}
