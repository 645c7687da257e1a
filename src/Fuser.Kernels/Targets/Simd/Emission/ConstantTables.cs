using System.Runtime.CompilerServices;
using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Simd.Emission;

/// <summary>
/// The lookup tables of a kernel in memory the garbage collector does not move, so that generated code can hold their
/// addresses. They live as long as this object, which the kernel keeps.
/// </summary>
internal sealed unsafe class ConstantTables
{
    private const int Alignment = 64;

    private readonly Dictionary<(int Table, int Size), nint> _addresses = [];
    private readonly byte[] _memory;

    public ConstantTables(KernelIr ir)
    {
        var wanted = ir.Nodes.Where(node => node.Op == IrOp.TableLookup)
            .Select(node => (Table: (int)node.Immediate, Size: node.Type.Size())).Distinct().ToList();
        _memory = GC.AllocateArray<byte>(Alignment + wanted.Sum(table => Room(ir, table)), pinned: true);
        var next = (byte*)Unsafe.AsPointer(ref _memory[0]) + Alignment - 1;
        next = (byte*)((nint)next & -Alignment);
        foreach (var table in wanted)
        {
            _addresses.Add(table, (nint)next);
            var bits = ir.Tables[table.Table];
            for (var i = 0; i < bits.Length; i++)
            {
                if (table.Size == 4)
                {
                    ((uint*)next)[i] = (uint)bits[i];
                }
                else
                {
                    ((ulong*)next)[i] = bits[i];
                }
            }

            next += Room(ir, table);
        }
    }

    public int Bytes => _memory.Length;

    public nint AddressOf(int table, int size) => _addresses[(table, size)];

    private static int Room(KernelIr ir, (int Table, int Size) table) =>
        ((ir.Tables[table.Table].Length * table.Size) + Alignment - 1) & -Alignment;
}
