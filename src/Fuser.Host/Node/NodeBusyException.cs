using Fuser.Host.Configuration;
using Fuser.Kernels;

namespace Fuser.Host.Node;

/// <summary>The node does not take the request on now; another time, or another node, will do.</summary>
internal sealed class NodeBusyException : HostException
{
    private NodeBusyException(string code, string message, TimeSpan retryAfter)
        : base(code, message) => RetryAfter = retryAfter;

    /// <summary>When to come again.</summary>
    public TimeSpan RetryAfter { get; }

    public static NodeBusyException Full(int open, TimeSpan retryAfter) =>
        new(ErrorCodes.NodeBusy, $"the node has {open} requests in hand, which is all it takes on. Come again in {retryAfter.TotalSeconds:0.#} s, or raise fuser.limits.max-queue.", retryAfter);

    public static NodeBusyException AllAreReceiving(int bodies, TimeSpan retryAfter) =>
        new(ErrorCodes.NodeBusy, $"the node receives {bodies} bodies, which is all it takes at once. Come again in {retryAfter.TotalSeconds:0.#} s, or raise fuser.limits.max-receiving.", retryAfter);

    public static NodeBusyException ShareIsReceiving(int bodies, TimeSpan retryAfter) =>
        new(ErrorCodes.NodeBusy, $"the node receives {bodies} bodies of this caller, which is one caller's share. Come again in {retryAfter.TotalSeconds:0.#} s, or raise fuser.limits.max-receiving-per-caller.", retryAfter);

    public static NodeBusyException OutOfMemory(long wanted, long free, TimeSpan retryAfter) =>
        new(ErrorCodes.NodeBusy, $"the request needs {wanted} more bytes, and other requests have left {free} of the node's memory. Come again in {retryAfter.TotalSeconds:0.#} s, or raise fuser.limits.max-memory-bytes.", retryAfter);

    public static NodeBusyException Draining(TimeSpan retryAfter) =>
        new(ErrorCodes.NodeDraining, "the node is shutting down and takes no new work. Send the request to another node, or come again when this one is back.", retryAfter);
}
