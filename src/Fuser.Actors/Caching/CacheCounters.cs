namespace Fuser.Actors.Caching;

/// <summary>What the cache has done. Written by the cache actor alone, and kept outside of it so that a restart does not set it back; read from anywhere.</summary>
internal sealed class CacheCounters
{
    private long _specs;
    private long _specsCreated;
    private long _specsEvicted;
    private long _kernels;
    private long _kernelsCompiled;
    private long _kernelsEvicted;
    private long _compilesFailed;
    private long _codeBytes;

    public long SpecsCreated => Volatile.Read(ref _specsCreated);

    public CacheStatistics Snapshot => new(
        Volatile.Read(ref _specs),
        SpecsCreated,
        Volatile.Read(ref _specsEvicted),
        Volatile.Read(ref _kernels),
        Volatile.Read(ref _kernelsCompiled),
        Volatile.Read(ref _kernelsEvicted),
        Volatile.Read(ref _compilesFailed),
        Volatile.Read(ref _codeBytes));

    public void SpecCreated() => Volatile.Write(ref _specsCreated, _specsCreated + 1);

    public void SpecEvicted() => Volatile.Write(ref _specsEvicted, _specsEvicted + 1);

    public void KernelCompiled() => Volatile.Write(ref _kernelsCompiled, _kernelsCompiled + 1);

    public void KernelsEvicted(long count) => Volatile.Write(ref _kernelsEvicted, _kernelsEvicted + count);

    public void CompileFailed() => Volatile.Write(ref _compilesFailed, _compilesFailed + 1);

    /// <summary>What is held now.</summary>
    public void Held(long specs, long kernels, long codeBytes)
    {
        Volatile.Write(ref _specs, specs);
        Volatile.Write(ref _kernels, kernels);
        Volatile.Write(ref _codeBytes, codeBytes);
    }
}
