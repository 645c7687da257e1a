using System.Runtime.InteropServices;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.Peers;

/// <summary>The arrays of one workload in this process.</summary>
internal sealed unsafe class PeerArrays : IDisposable
{
    private const byte PoisonedInteger = 171;
    private const byte PoisonedFloat = 255;

    private readonly List<HugeMemory> _memories = [];

    public PeerArrays(IReadOnlyList<string> specs)
    {
        Specs = [.. specs.Select(ArraySpec.Parse)];
        var inputs = 0;
        foreach (var spec in Specs)
        {
            var memory = new HugeMemory(spec.Bytes);
            _memories.Add(memory);
            if (spec.Kind != ArrayKind.Output)
            {
                InputValues.Fill(spec, inputs++, memory.Address);
            }
        }
    }

    public IReadOnlyList<ArraySpec> Specs { get; }

    public IReadOnlyList<HugeMemory> Memories => _memories;

    public IEnumerable<int> Inputs => Enumerable.Range(0, Specs.Count).Where(i => Specs[i].Kind != ArrayKind.Output);

    public IEnumerable<int> Outputs => Enumerable.Range(0, Specs.Count).Where(i => Specs[i].Kind == ArrayKind.Output);

    /// <summary>What is left of this after a run was not computed by it: every bit set is NaN in every floating-point type.</summary>
    public void Poison()
    {
        foreach (var output in Outputs)
        {
            NativeMemory.Fill(_memories[output].Address, (nuint)Specs[output].Bytes, Specs[output].Type == ElementType.U8 ? PoisonedInteger : PoisonedFloat);
        }
    }

    /// <summary>Every <paramref name="stride"/>-th element of each output, one output after the other.</summary>
    public void WriteOutputs(string path, long stride)
    {
        using var file = File.Create(path);
        foreach (var output in Outputs)
        {
            var (spec, memory) = (Specs[output], _memories[output]);
            for (long i = 0; i < spec.Count; i += stride)
            {
                file.Write(new ReadOnlySpan<byte>(memory.Address + (i * spec.ItemSize), spec.ItemSize));
            }
        }
    }

    public void Dispose()
    {
        foreach (IDisposable memory in _memories)
        {
            memory.Dispose();
        }
    }
}
