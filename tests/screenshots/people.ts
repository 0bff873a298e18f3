// People who use the Worker on both arms, and two trainings.

import { type APIRequestContext, test } from "@playwright/test";
import { expect } from "../site/site.ts";

const USERS = 30;
const PICKS = 5;
const headers = { "x-admin-key": "admin-dev-key-change-in-production" };

async function ok(answering: ReturnType<APIRequestContext["get"]>): Promise<unknown> {
  const answer = await answering;
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer.json();
}

/** Users of whom half meet the agent; they like what is calm. */
async function people(request: APIRequestContext, prefix: string): Promise<void> {
  for (let user = 0; user < USERS; user += 1) {
    const name = `${prefix}-${user}`;
    for (let pick = 0; pick < PICKS; pick += 1) {
      const path = `/api/v1/entertainment/music/recommendations/${name}?limit=1&mood=relaxed`;
      const { recommendations } = (await ok(request.get(path))) as {
        recommendations: { id: string; energy?: number }[];
      };
      const interaction_type = (user * 7 + pick * 3) % 5 < 2 ? "like" : "skip";
      const data = { content_type: "music", content_id: recommendations[0]?.id, interaction_type };
      await ok(request.post(`/api/v1/entertainment/interactions/${name}`, { data }));
    }
  }
}

/** Trains to the end of a run; each asking does a slice of it. */
async function train(request: APIRequestContext): Promise<void> {
  let status = "running";
  while (status === "running") {
    const asking = request.post("/api/v1/admin/tasks/rl-training/trigger", { headers });
    ({ status } = (await ok(asking)) as { status: string });
  }
  expect(status).toBe("completed");
}

test("people and trainings", async ({ request }) => {
  test.setTimeout(600_000);
  const data = { name: "launch", agent_per_mille: 500, holdout_per_mille: 50 };
  await ok(request.put("/api/v1/admin/experiment", { data, headers }));
  for (const prefix of ["spring", "summer"]) {
    await people(request, prefix);
    await train(request);
  }
});
