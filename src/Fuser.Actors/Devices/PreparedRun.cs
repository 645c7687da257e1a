using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Fuser.Actors.Caching;
using Fuser.Kernels;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Devices;

/// <summary>
/// The plan of a function for one signature on one device, with the slots its kernels were last found in. A slot may be empty: then
/// the kernel was evicted, and has to be asked for again.
/// </summary>
internal sealed class PreparedRun
{
    private readonly KernelSlot?[] _slots;
    private PreparedRun? _instead;
    private long _lastUsed = Environment.TickCount64;

    public PreparedRun(Device device, GraphPlan plan, CancellationToken cancellationToken = default) : this(device, plan, ImmutableArray.CreateRange(plan.Groups, device.Target.For), cancellationToken)
    {
    }

    private PreparedRun(Device device, GraphPlan plan, ImmutableArray<IKernelTarget> targets, CancellationToken cancellationToken)
    {
        Device = device;
        Targets = targets;
        Specialisations = Specialisation.OfAll(plan.Groups, i => Targets[i].Fingerprint, cancellationToken);
        FirstAlike = FindFirstAlike();
        OnDevice = device.Accelerator is null ? null : new DevicePlan(device.Accelerator, plan, Specialisations, Targets);
        Runner = new PlanRunner(plan, ImmutableArray.CreateRange(Specialisations, specialisation =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return GroupLaunch.Of(specialisation);
        }));
        _slots = new KernelSlot?[plan.Groups.Length];
    }

    public Device Device { get; }

    /// <summary>Milliseconds of the system's tick count when it was last looked up; by what plans are forgotten.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Where the <see cref="PlanStore"/> keeps it.</summary>
    public long StoreNumber { get; set; }

    /// <summary>An estimate of the memory it takes, without its kernels.</summary>
    public long EstimatedBytes => Runner.Plan.EstimatedBytes;

    public PlanRunner Runner { get; }

    public ImmutableArray<Specialisation> Specialisations { get; }

    /// <summary>What compiles each group: the device's target, for the loops of the group.</summary>
    public ImmutableArray<IKernelTarget> Targets { get; }

    /// <summary>Per group the first with the same kernel: large graphs repeat themselves, and each kernel is asked for once.</summary>
    public ImmutableArray<int> FirstAlike { get; }

    /// <summary>The plan as an accelerator runs it; null on the host.</summary>
    public DevicePlan? OnDevice { get; }

    /// <summary>
    /// The plan that runs: this one, or where the device refuses kernels of it, the one with those on the host. That one is forgotten with its kernels: whoever cleared the cache
    /// wants the device to be asked again.
    /// </summary>
    public PreparedRun Current => Volatile.Read(ref _instead) is { IsComplete: true } instead ? instead.Current : this;

    private bool IsComplete => Enumerable.Range(0, _slots.Length).All(IsReady);

    /// <summary>Whether the device refuses a group's kernel, and would again: the host's kernel is to run in its place.</summary>
    /// <param name="code">What compiling failed with.</param>
    public bool IsRefused(int group, string code) =>
        Targets[group] is AcceleratorTarget && code is (ErrorCodes.TargetUnsupported or ErrorCodes.CompileFailed or ErrorCodes.CompileTimeout);

    /// <summary>The plan with some groups on the host.</summary>
    /// <param name="refused">Why, by group.</param>
    public PreparedRun Without(IReadOnlyDictionary<int, string> refused)
    {
        var instead = new PreparedRun(Device, Runner.Plan, [.. Targets.Select((target, group) => refused.TryGetValue(group, out var reason) ? AcceleratorTarget.Instead(reason) : target)], CancellationToken.None);
        for (var group = 0; group < _slots.Length; group++)
        {
            if (!refused.ContainsKey(group))
            {
                instead._slots[group] = Volatile.Read(ref _slots[group]);
            }
        }

        return instead;
    }

    /// <summary>Remembers what runs in the place of this plan.</summary>
    public void Replace(PreparedRun instead) => Volatile.Write(ref _instead, instead);

    public bool Fits(Device device, ReadOnlySpan<FuserValue> inputs) => device == Device && Runner.Plan.Signature.Matches(inputs);

    /// <summary>Notes a use.</summary>
    public void Touch()
    {
        var now = Environment.TickCount64;
        if (_lastUsed != now)
        {
            Volatile.Write(ref _lastUsed, now); // only when it changed: a write per run would bounce the line between threads
        }
    }

    /// <summary>Remembers where a group's kernel is. Races are harmless: every slot offered holds the same code.</summary>
    public void Fill(int group, KernelSlot slot) => Volatile.Write(ref _slots[group], slot);

    public bool IsReady(int group) => Volatile.Read(ref _slots[group]) is { IsRetired: false };

    /// <summary>A group's kernel where it was last found, or null when it has to be asked for.</summary>
    public KernelReady? Find(int group) => Volatile.Read(ref _slots[group])?.Find();

    private ImmutableArray<int> FindFirstAlike()
    {
        var first = new Dictionary<(KernelSpec, ArgSpec, IKernelTarget), int>();
        var alike = ImmutableArray.CreateBuilder<int>(Specialisations.Length);
        for (var group = 0; group < Specialisations.Length; group++)
        {
            var kernel = (Specialisations[group].Spec, Specialisations[group].Arguments, Targets[group]);
            alike.Add(first.TryAdd(kernel, group) ? group : first[kernel]);
        }

        return alike.MoveToImmutable();
    }

    /// <summary>Takes a lease on every kernel of the plan, or on none.</summary>
    public bool TryAcquire([NotNullWhen(true)] ref LeasedKernels? leased)
    {
        leased ??= new LeasedKernels();
        leased.Prepare(_slots.Length);
        for (var i = 0; i < _slots.Length; i++)
        {
            var slot = Volatile.Read(ref _slots[i]);
            if (slot?.Acquire() is not { } kernel)
            {
                leased.Release();
                return false;
            }

            leased.Add(slot, kernel);
        }

        return true;
    }
}
