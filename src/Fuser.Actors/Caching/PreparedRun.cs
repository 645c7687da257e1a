using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Fuser.Actors.Devices;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Caching;

/// <summary>
/// The plan of a function for one signature on one device, with the slots its kernels were last found in. A slot may be empty: then
/// the kernel was evicted, and has to be asked for again.
/// </summary>
internal sealed class PreparedRun
{
    private readonly KernelSlot?[] _slots;

    public PreparedRun(Device device, GraphPlan plan)
    {
        Device = device;
        Specialisations = ImmutableArray.CreateRange(plan.Groups, group => Specialisation.Of(group, device.Target.Fingerprint));
        Runner = new PlanRunner(plan, ImmutableArray.CreateRange(Specialisations, specialisation => new KernelLaunch(specialisation)));
        _slots = new KernelSlot?[plan.Groups.Length];
    }

    public Device Device { get; }

    public PlanRunner Runner { get; }

    public ImmutableArray<Specialisation> Specialisations { get; }

    public bool Fits(Device device, ReadOnlySpan<FuserValue> inputs) => device == Device && Runner.Plan.Signature.Matches(inputs);

    /// <summary>Remembers where a group's kernel is. Races are harmless: every slot offered holds the same code.</summary>
    public void Fill(int group, KernelSlot slot) => Volatile.Write(ref _slots[group], slot);

    public bool IsReady(int group) => Volatile.Read(ref _slots[group]) is { IsRetired: false };

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

/// <summary>The kernels one run holds, so that they are not evicted meanwhile. Reused from run to run by a thread.</summary>
internal sealed class LeasedKernels
{
    private CompiledKernel?[] _kernels = new CompiledKernel?[4];
    private KernelSlot?[] _slots = new KernelSlot?[4];
    private int _count;

    public ReadOnlySpan<CompiledKernel> Kernels => _kernels.AsSpan(0, _count)!;

    public void Prepare(int count)
    {
        if (_kernels.Length < count)
        {
            _kernels = new CompiledKernel?[count];
            _slots = new KernelSlot?[count];
        }
    }

    public void Add(KernelSlot slot, CompiledKernel kernel)
    {
        _slots[_count] = slot;
        _kernels[_count++] = kernel;
    }

    public void Release()
    {
        for (var i = 0; i < _count; i++)
        {
            _slots[i]!.Release();
            _slots[i] = null;
            _kernels[i] = null; // a thread that idles must not keep evicted code alive
        }

        _count = 0;
    }
}
