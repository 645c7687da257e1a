using Fuser.Actors.Core;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Specs;
using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Caching;

/// <summary>
/// Owns the map from specs to their actors, and the limits: of specs, of kernels and of their memory, over all specs. What was used least recently goes first.
/// A kernel that is running stays: if all others run, it is the newcomer that is not kept. A restart loses the map, and every spec is registered again when it is next used.
/// </summary>
internal sealed class KernelCacheActor(FuserOptions options, ActorRef compilers, FuserTelemetry telemetry, ILogger logger) : Actor
{
    private readonly Dictionary<GraphKey, Entry> _specs = [];
    private readonly Dictionary<ActorRef, Entry> _actors = [];
    private readonly Dictionary<KernelSlot, Entry> _kernels = [];
    private readonly EvictionOrder<Entry> _oldestSpecs = new(static entry => entry.LastUsed);
    private readonly EvictionOrder<KernelSlot> _oldestKernels = new(static slot => slot.LastUsed);
    private readonly CacheCounters _counters = telemetry.Cache;
    private long _codeBytes;

    private sealed class Entry(SpecHandle handle)
    {
        public SpecHandle Handle { get; } = handle;

        public HashSet<KernelSlot> Kernels { get; } = [];

        /// <summary>Tick count of the last registration or retrieval.</summary>
        public long Touched { get; set; }

        /// <summary>A spec's use is its registration or a run of one of its kernels.</summary>
        public long LastUsed => Kernels.Aggregate(Touched, static (last, slot) => Math.Max(last, slot.LastUsed));

        public bool IsRunning => Kernels.Any(static slot => slot.IsRunning);
    }

    protected override SupervisorStrategy SupervisorStrategy { get; } = new() { MaxRetries = 3 };

    protected override void PreStart() => CountHeld();

    protected override void Receive(object message)
    {
        switch (message)
        {
            case Register register: Sender.Tell(GetOrAdd(register.Spec).Handle); break;
            case Lookup lookup: Sender.Tell(new LookedUp(_specs.GetValueOrDefault(lookup.Key)?.Handle)); break;
            case Retrieve retrieve: Sender.Tell(new LookedUp(Touch(_specs.GetValueOrDefault(retrieve.Key))?.Handle)); break;
            case KernelPublished published: OnPublished(published); break;
            case KernelWithdrawn withdrawn: Forget(withdrawn.Slot); break;
            case KernelFailed: _counters.CompileFailed(); break;
            case Clear: OnClear(); break;
            case GetStatistics: Sender.Tell(_counters.Snapshot); break;
            case Terminated terminated: OnTerminated(terminated.Actor); break;
            default: Unhandled(message); break;
        }
    }

    private Entry GetOrAdd(KernelSpec spec)
    {
        if (_specs.TryGetValue(spec.Key, out var known))
        {
            if (known.Handle.Spec.Equals(spec))
            {
                return Touch(known)!;
            }

            EvictSpec(known); // another text with the same key: one of them has to go
        }

        MakeRoomForSpec();
        var published = new PublishedKernels();
        var props = Props.Create(() => new KernelSpecActor(spec, published, compilers, options.CompileTimeout, telemetry, logger))
            .WithMailboxCapacity(options.MailboxCapacity)
            .WithDispatcher(Dispatcher.CallerWhenIdle());
        var entry = new Entry(new SpecHandle(spec, Context.ActorOf(props, $"{spec.Key}-{_counters.SpecsCreated}"), published));
        Context.Watch(entry.Handle.Actor);
        _specs[spec.Key] = entry;
        _actors[entry.Handle.Actor] = entry;
        _counters.SpecCreated();
        CountHeld();
        return Touch(entry)!;
    }

    private static Entry? Touch(Entry? entry)
    {
        if (entry is not null)
        {
            entry.Touched = Environment.TickCount64;
        }

        return entry;
    }

    /// <summary>Evicts before adding, so that the limit is never passed. If every spec has a kernel running, the oldest goes: its run ends with the code it has.</summary>
    private void MakeRoomForSpec()
    {
        while (_specs.Count >= options.MaxSpecs)
        {
            var victim = _oldestSpecs.Next(_specs.Values, entry => IsHeld(entry) && !entry.IsRunning) ?? _oldestSpecs.Next(_specs.Values, IsHeld);
            KernelLog.EvictingSpec(logger, victim!.Handle.Spec.Key, _specs.Count, options.MaxSpecs);
            EvictSpec(victim);
        }
    }

    private bool IsHeld(Entry entry) => _specs.TryGetValue(entry.Handle.Spec.Key, out var held) && held == entry;

    private void EvictSpec(Entry victim)
    {
        _specs.Remove(victim.Handle.Spec.Key);
        _counters.SpecEvicted();
        foreach (var slot in victim.Kernels.ToList())
        {
            slot.Retire();
            Forget(slot);
        }

        CountHeld();
        victim.Handle.Actor.Tell(RetireSpec.Instance);
    }

    private void OnPublished(KernelPublished published)
    {
        _counters.KernelCompiled();
        var slot = published.Slot;
        if (!_actors.TryGetValue(published.Actor, out var entry) || !IsHeld(entry) || slot.IsRetired)
        {
            slot.Retire(); // its spec was evicted or restarted in the meantime
            _counters.KernelsEvicted(1);
            return;
        }

        if (!MakeRoomForKernel(slot))
        {
            slot.Retire(); // everything else is in use: whoever waited for this kernel has it in hand, and it is not kept
            _counters.KernelsEvicted(1);
            published.Actor.Tell(new WithdrawKernel(slot));
            return;
        }

        _kernels.Add(slot, entry);
        entry.Kernels.Add(slot);
        _codeBytes += slot.CodeBytes;
        CountHeld();
    }

    /// <summary>Evicts before adding, so that the limits are never passed.</summary>
    /// <returns>False when all other kernels are running, or the newcomer alone is over the limit.</returns>
    private bool MakeRoomForKernel(KernelSlot newcomer)
    {
        while (_kernels.Count >= options.MaxKernels || (_codeBytes + newcomer.CodeBytes > options.MaxCodeBytes && _kernels.Count > 0))
        {
            if (_oldestKernels.Next(_kernels.Keys, slot => _kernels.ContainsKey(slot) && slot.TryRetire()) is not { } victim)
            {
                return false;
            }

            _kernels[victim].Handle.Actor.Tell(new WithdrawKernel(victim));
            Forget(victim);
        }

        return newcomer.CodeBytes <= options.MaxCodeBytes;
    }

    /// <summary>Strikes a kernel off that is gone.</summary>
    private void Forget(KernelSlot slot)
    {
        if (_kernels.Remove(slot, out var entry))
        {
            entry.Kernels.Remove(slot);
            _codeBytes -= slot.CodeBytes;
            _counters.KernelsEvicted(1);
            CountHeld();
        }
    }

    private void OnClear()
    {
        foreach (var slot in _kernels.Keys.Where(static slot => slot.TryRetire()).ToList())
        {
            _kernels[slot].Handle.Actor.Tell(new WithdrawKernel(slot));
            Forget(slot);
        }

        foreach (var entry in _specs.Values)
        {
            entry.Handle.Actor.Tell(ForgetFailures.Instance);
        }

        Sender.Tell(Cleared.Instance); // whoever asks a spec after this comes after what it was just told
    }

    private void OnTerminated(ActorRef actor)
    {
        if (!_actors.Remove(actor, out var lost))
        {
            return;
        }

        if (IsHeld(lost))
        {
            KernelLog.SpecLost(logger, lost.Handle.Spec.Key);
            _specs.Remove(lost.Handle.Spec.Key);
        }

        foreach (var slot in lost.Kernels.ToList())
        {
            Forget(slot);
        }

        CountHeld();
    }

    private void CountHeld() => _counters.Held(_specs.Count, _kernels.Count, _codeBytes);
}
