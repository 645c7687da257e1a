using Fuser.Compare.Reports;
using Fuser.Compare.Sessions;

namespace Fuser.Compare.Tests.Sessions;

/// <summary>What the system says about itself, in the forms it says it.</summary>
public sealed class SystemTextTests
{
    [Fact]
    public void Free_memory_is_read() => FreeMemory.Of("MemTotal:       24000000 kB\nMemFree:         1000 kB\nMemAvailable:   23000000 kB\n").ShouldBe(23_000_000L << 10);

    [Fact]
    public void Stolen_time_is_a_share_of_all_time()
    {
        var from = MachineLoad.Of("cpu  100 0 50 800 20 0 10 20 0 0");
        from.ShouldBe((20, 1000));
        MachineLoad.StolenShare(from, MachineLoad.Of("cpu  150 0 50 830 20 0 10 40 0 0")).ShouldBe(0.2);
    }

    [Theory]
    [InlineData("model name", "A processor")]
    [InlineData("PRETTY_NAME", "\"A system\"")]
    [InlineData("nothing", "")]
    public void Fields_are_found_by_name(string name, string value) => MachineDescription.FieldOf("processor\t: 0\nmodel name\t: A processor\nPRETTY_NAME=\"A system\"\n", name).ShouldBe(value);
}
