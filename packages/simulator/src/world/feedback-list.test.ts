import { expect, it } from "vitest";
import { FeedbackList } from "./feedback-list.js";

it("keeps the newest entries of a topic", () => {
  const list = new FeedbackList(1000);
  for (let index = 0; index < 1002; index++) list.add("topic", String(index), index);
  list.add("topic", "1001", 7);
  list.add("another topic", "0", 7);
  expect(list.size("topic")).toBe(1000);
  expect(list.list("topic")[0]).toEqual({ deviceToken: "2", unregisteredAt: new Date(2) });
});

it("takes back what was not told, unless it knows better since", () => {
  const list = new FeedbackList();
  for (const deviceToken of ["aa", "bb"]) list.add("topic", deviceToken, 1);
  const taken = list.take("topic");
  list.add("topic", "bb", 2);
  list.putBack("topic", taken);
  expect(list.take("topic")).toEqual([
    { deviceToken: "aa", unregisteredAt: new Date(1) },
    { deviceToken: "bb", unregisteredAt: new Date(2) },
  ]);
  expect(list.size("topic")).toBe(0);
});
