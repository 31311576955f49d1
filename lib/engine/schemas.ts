/** What an engine says, as far as it is read here (Docker Engine API 1.41; Podman's compatible API leaves some of it out). */
import { z } from "zod";

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

export const versionSchema = z.object({ Version: z.string(), ApiVersion: z.string() });

export const listSchema = z.array(
  z.object({ Id: z.string(), Names: z.array(z.string()), State: z.string(), Labels: labels }),
);

export const inspectSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  RestartCount: z.number().default(0),
  State: z.object({
    Status: z.string(),
    Pid: z.number(),
    ExitCode: z.number(),
    StartedAt: z.string(),
    // "none" and an empty one: there is no check
    Health: z.object({ Status: z.string(), FailingStreak: z.number().default(0) }).nullish(),
  }),
  HostConfig: z.object({
    Memory: z.number().default(0),
    NanoCpus: z.number().default(0),
    CpuQuota: z.number().default(0),
    CpuPeriod: z.number().default(0),
    // null, 0 and -1: none
    PidsLimit: z.number().nullish(),
    RestartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.number().default(0) }),
    NetworkMode: z.string(),
    PortBindings: z.record(z.string(), z.unknown()).nullish(),
  }),
  Config: z.object({
    Labels: labels,
    Image: z.string().default(""),
  }),
  Mounts: z.array(z.object({ Destination: z.string(), Source: z.string().default("") })).default([]),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string().default("") })).nullish(),
    Ports: z
      .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullish())
      .nullish(),
  }),
});
export type Inspected = z.infer<typeof inspectSchema>;

/** Podman says `Status` for Docker's `Action`. */
export const eventSchema = z
  .object({
    Type: z.string(),
    Action: z.string().optional(),
    Status: z.string().optional(),
    Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
    timeNano: z.number(),
  })
  .transform(({ Type, Action, Status, Actor, timeNano }) => ({
    type: Type,
    action: Action ?? Status ?? "",
    id: Actor.ID,
    attributes: Actor.Attributes ?? {},
    atMs: timeNano / 1e6,
  }));
export type EngineEvent = z.infer<typeof eventSchema>;

/** Pid: on the engine's machine; 0 where it did not start. */
export const executionSchema = z.object({
  Running: z.boolean(),
  ExitCode: z.number().nullish(),
  Pid: z.number().default(0),
});
export type Execution = z.infer<typeof executionSchema>;

export const createdSchema = z.object({ Id: z.string() });
export const refusalSchema = z.object({ message: z.string() });
