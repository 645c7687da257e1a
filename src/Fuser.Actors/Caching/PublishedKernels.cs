using System.Collections.Immutable;
using Fuser.Kernels.Specs;

namespace Fuser.Actors.Caching;

/// <summary>
/// The finished kernels of one spec, for reading without asking. Written by the spec's actor alone, and only ever with what is complete.
/// </summary>
internal sealed class PublishedKernels
{
    private ImmutableDictionary<ArgSpec, KernelSlot> _slots = ImmutableDictionary<ArgSpec, KernelSlot>.Empty;

    public ImmutableDictionary<ArgSpec, KernelSlot> Slots => Volatile.Read(ref _slots);

    /// <summary>The kernel for these arguments, or null when there is none.</summary>
    public KernelReady? Find(ArgSpec arguments) => Slots.TryGetValue(arguments, out var slot) ? slot.Find() : null;

    public void Publish(KernelSlot slot) => Volatile.Write(ref _slots, _slots.SetItem(slot.Arguments, slot));

    /// <summary>Drops a slot, unless another has taken its place.</summary>
    public void Withdraw(KernelSlot slot)
    {
        if (_slots.TryGetValue(slot.Arguments, out var known) && known == slot)
        {
            Volatile.Write(ref _slots, _slots.Remove(slot.Arguments));
        }
    }
}
