using System.Reflection.Emit;
using Fuser.Kernels.Targets.Simd.Lanes;
using Fuser.Kernels.Targets.Simd.Planning;

namespace Fuser.Kernels.Targets.Simd.Emission;

/// <summary>The IL locals behind the slots of an allocation, declared when first asked for: one per vector and per unrolled copy.</summary>
internal sealed class Registers
{
    private readonly Dictionary<(Lane Lane, int Slot, int Part, int Copy), LocalBuilder> _locals = [];
    private readonly IlWriter _il;
    private readonly KernelLayout _layout;
    private readonly SlotAllocation _allocation;

    public Registers(IlWriter il, KernelLayout layout, SlotAllocation allocation)
    {
        _il = il;
        _layout = layout;
        _allocation = allocation;
    }

    public bool Holds(int id) => _allocation.Holds(id);

    public LocalBuilder this[int id, int part, int copy]
    {
        get
        {
            var key = (_layout.LaneOf(id), _allocation.SlotOf(id), part, copy);
            if (!_locals.TryGetValue(key, out var local))
            {
                local = _il.Declare(_layout.Isa.ValueType(key.Item1));
                _locals.Add(key, local);
            }

            return local;
        }
    }
}
