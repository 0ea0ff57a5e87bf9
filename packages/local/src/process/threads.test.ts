import { describe, expect, it } from "vitest";

import { cpuQuota, defaultThreads } from "./threads.ts";

describe("the threads of a child", () => {
  it.each([
    { instances: 1, processors: 8, quota: Infinity, threads: 8 },
    { instances: 3, processors: 8, quota: Infinity, threads: 2 },
    { instances: 16, processors: 8, quota: Infinity, threads: 1 },
    { instances: 1, processors: 8, quota: 2.5, threads: 2 },
    { instances: 1, processors: 8, quota: 0.5, threads: 1 },
    { instances: 2, processors: 2, quota: 6, threads: 1 },
  ])("are $threads of $processors processors, quota $quota, for $instances instances", (given) => {
    expect(defaultThreads(given.instances, given.processors, given.quota)).toBe(given.threads);
  });
});

describe("the quota of processors", () => {
  it.each([
    {
      of: "a container, as cgroups of version 2 say it",
      files: { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "150000 100000\n" },
      quota: 1.5,
    },
    {
      of: "a service, whose parents may have less",
      files: {
        "/proc/self/cgroup": "0::/system.slice/a.service\n",
        "/sys/fs/cgroup/system.slice/a.service/cpu.max": "max 100000\n",
        "/sys/fs/cgroup/system.slice/cpu.max": "400000 100000\n",
      },
      quota: 4,
    },
    {
      of: "a group of version 1",
      files: {
        "/proc/self/cgroup": "3:cpuset:/x\n1:cpu,cpuacct:/docker/a\n0::/\n",
        "/sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_quota_us": "50000\n",
        "/sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_period_us": "100000\n",
      },
      quota: 0.5,
    },
    {
      of: "a container with version 1, whose path is that of the host",
      files: {
        "/proc/self/cgroup": "1:cpu:/docker/of-the-host\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      },
      quota: 2,
    },
    {
      of: "nothing that limits it",
      files: {
        "/proc/self/cgroup": "1:cpu:/\n0::/\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        "/sys/fs/cgroup/cpu.max": "max 100000\n",
      },
      quota: Infinity,
    },
    { of: "a system without cgroups", files: {}, quota: Infinity },
  ])("is $quota for $of", ({ files, quota }) => {
    const texts = new Map<string, string | undefined>(Object.entries(files));
    const read = (path: string): string => {
      const text = texts.get(path);
      if (text === undefined) throw new Error("ENOENT");
      return text;
    };
    expect(cpuQuota(read)).toBe(quota);
  });
});
