using Fuser.Actors.Core;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Specs;
using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Caching;

/// <summary>
/// Owns the map from specs to their actors, and the limits: of specs, of kernels and of their memory, over all specs. What was used least recently goes first;
/// a kernel that is running stays.
/// </summary>
internal sealed class KernelCacheActor(FuserOptions options, ActorRef compilers, ILogger logger) : Actor
{
    private readonly Dictionary<GraphKey, Entry> _specs = [];
    private readonly Dictionary<KernelSlot, Entry> _kernels = [];
    private readonly HashSet<KernelSlot> _leaving = [];
    private long _clock;
    private long _codeBytes;
    private long _created;
    private long _evicted;
    private long _compiled;
    private long _kernelsEvicted;
    private long _failed;

    private sealed class Entry(SpecHandle handle)
    {
        public SpecHandle Handle { get; } = handle;

        /// <summary>Tick count of the last registration or retrieval, and its place among all of them, which breaks ties.</summary>
        public (long Tick, long Order) Touched { get; set; }
    }

    protected override SupervisorStrategy SupervisorStrategy { get; } = new() { MaxRetries = 3 };

    protected override void Receive(object message)
    {
        switch (message)
        {
            case Register register: Sender.Tell(GetOrAdd(register.Spec).Handle); break;
            case Lookup lookup: Sender.Tell(new LookedUp(_specs.GetValueOrDefault(lookup.Key)?.Handle)); break;
            case Retrieve retrieve: Sender.Tell(new LookedUp(Touch(_specs.GetValueOrDefault(retrieve.Key))?.Handle)); break;
            case KernelPublished published: OnPublished(published); break;
            case KernelWithdrawn withdrawn: OnWithdrawn(withdrawn); break;
            case KernelFailed: _failed++; break;
            case Clear: OnClear(); break;
            case GetStatistics: Sender.Tell(new CacheStatistics(_specs.Count, _created, _evicted, _kernels.Count, _compiled, _kernelsEvicted, _failed, _codeBytes)); break;
            case Terminated terminated: OnTerminated(terminated.Actor); break;
            default: Unhandled(message); break;
        }
    }

    private Entry GetOrAdd(KernelSpec spec)
    {
        if (_specs.TryGetValue(spec.Key, out var known) && known.Handle.Spec.Equals(spec))
        {
            return Touch(known)!;
        }

        MakeRoom();
        var published = new PublishedKernels();
        var props = Props.Create(() => new KernelSpecActor(spec, published, compilers, options.CompileTimeout, logger)).WithMailboxCapacity(options.MailboxCapacity);
        var entry = new Entry(new SpecHandle(spec, Context.ActorOf(props, $"{spec.Key}-{_created}"), published));
        Context.Watch(entry.Handle.Actor);
        _specs[spec.Key] = entry;
        _created++;
        return Touch(entry)!;
    }

    private Entry? Touch(Entry? entry)
    {
        if (entry is not null)
        {
            entry.Touched = (Environment.TickCount64, ++_clock);
        }

        return entry;
    }

    /// <summary>Evicts before adding, so that the limit is never passed. A spec's use is its registration or a run of one of its kernels.</summary>
    private void MakeRoom()
    {
        while (_specs.Count >= options.MaxSpecs)
        {
            var victim = _specs.Values.MinBy(entry => (LastUsed(entry), entry.Touched.Order))!;
            KernelLog.EvictingSpec(logger, victim.Handle.Spec.Key, _specs.Count, options.MaxSpecs);
            _specs.Remove(victim.Handle.Spec.Key);
            _evicted++;
            victim.Handle.Actor.Tell(RetireSpec.Instance);
        }
    }

    private static long LastUsed(Entry entry) =>
        entry.Handle.Kernels.Slots.Values.Select(slot => slot.LastUsed).Append(entry.Touched.Tick).Max();

    private void OnPublished(KernelPublished published)
    {
        _compiled++;
        if (published.Slot.IsRetired || !_specs.TryGetValue(published.Spec.Key, out var entry))
        {
            return; // its spec was evicted in the meantime, and retires its kernels itself
        }

        _kernels.Add(published.Slot, entry);
        _codeBytes += published.Slot.CodeBytes;
        var surplus = _kernels.Count - _leaving.Count - options.MaxKernels;
        if (surplus > 0 || _codeBytes > options.MaxCodeBytes)
        {
            Evict(published.Slot);
        }
    }

    /// <summary>Asks the owner of the least recently used kernel to give it up. If it is running it stays, and the next publication tries again.</summary>
    private void Evict(KernelSlot newest)
    {
        var victim = _kernels.Keys.Where(slot => slot != newest && !_leaving.Contains(slot)).MinBy(slot => slot.LastUsed);
        if (victim is not null)
        {
            _leaving.Add(victim);
            _kernels[victim].Handle.Actor.Tell(new EvictKernel(victim));
        }
    }

    private void OnWithdrawn(KernelWithdrawn withdrawn)
    {
        _leaving.Remove(withdrawn.Slot);
        if (withdrawn.Evicted && _kernels.Remove(withdrawn.Slot))
        {
            _codeBytes -= withdrawn.Slot.CodeBytes;
            _kernelsEvicted++;
        }
    }

    private void OnClear()
    {
        var asks = _specs.Values.Select(entry => entry.Handle.Actor.Ask<Cleared>(ClearKernels.Instance, options.AskTimeout).AsTask());
        Task.WhenAll(asks).PipeTo(Sender, () => Cleared.Instance);
    }

    private void OnTerminated(ActorRef actor)
    {
        var lost = _specs.Values.FirstOrDefault(entry => entry.Handle.Actor == actor);
        if (lost is not null)
        {
            KernelLog.SpecLost(logger, lost.Handle.Spec.Key);
            _specs.Remove(lost.Handle.Spec.Key);
        }

        foreach (var (slot, _) in _kernels.Where(kernel => kernel.Value.Handle.Actor == actor).ToList())
        {
            OnWithdrawn(new KernelWithdrawn(_kernels[slot].Handle.Spec, slot, Evicted: true));
        }
    }
}
