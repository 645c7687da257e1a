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

    public void Publish(KernelSlot slot) => Volatile.Write(ref _slots, _slots.SetItem(slot.Arguments, slot));

    public void Withdraw(KernelSlot slot) => Volatile.Write(ref _slots, _slots.Remove(slot.Arguments));

    public void WithdrawAll() => Volatile.Write(ref _slots, ImmutableDictionary<ArgSpec, KernelSlot>.Empty);
}
