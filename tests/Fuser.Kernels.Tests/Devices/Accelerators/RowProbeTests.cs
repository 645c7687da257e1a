using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>What the exactness probe finds out about kernels with reductions, on devices that get one thing wrong.</summary>
public sealed class RowProbeTests
{
    [Fact]
    public void A_device_that_gets_everything_right_goes_over_rows_in_every_way()
    {
        var driver = new CudaStandIn();
        RowProbe.Run(driver.Catalogue(BinaryStore.None).Devices[0]).ShouldBeNull();
        driver.Allocated.ShouldBe(0);
        driver.Calls.Count(call => call == "ModuleUnload").ShouldBe(driver.Calls.Count(call => call == "ModuleLoadData"), "kernels of the probe are not kept");
    }

    [Fact]
    public void Barriers_that_nobody_waits_at_are_found() =>
        ShouldFind(text => text.Replace("bar.sync 0;", "mov.b32 %r0, %r0;", StringComparison.Ordinal), "of float64 (203 elements, ", "x32of256");

    [Fact]
    public void Group_memory_that_is_each_threads_own_is_found() =>
        ShouldFind(text => text.Replace(".shared .align", ".local .align", StringComparison.Ordinal).Replace("st.shared.", "st.local.", StringComparison.Ordinal).Replace("ld.shared.", "ld.local.", StringComparison.Ordinal), "of float64 (203 elements, ", "x32of256");

    [Theory]
    [InlineData("scratch", "mul.rn.f64", "add.rn.f64", "product of float64 (33001 elements, ", "x256of256 split: got")]
    [InlineData("scratch", "add.rn.f64", "sub.rn.f64", "sum of float32 (33004 elements, ", "x256of256 by 4 split: got")]
    [InlineData("shared0", "setp.nan.f64", "setp.lt.f64", "maximum of float64 (203 elements, a NaN: ", "wanted NaN")]
    [InlineData("shared0", "setp.nan.f32", "setp.lt.f32", "minimum of float32 (204 elements, a NaN: ", "wanted NaN")]
    [InlineData("slots0", "setp.lt.f32", "setp.le.f32", "maximum of float32 (20 elements, zeros, 0 last: ", "got -0, wanted 0")]
    [InlineData("slots0", "add.rn.f64", "sub.rn.f64", "sum of float32 (20 elements, ", "x1of256: got")]
    [InlineData(", 255;", "mul.rn.f32", "add.rn.f32", "product of float32 (2104 elements, ", "x256of256 by 4: got")]
    public void Passes_that_compute_something_else_are_found_by_operation_and_operands(string only, string right, string wrong, string operation, string operands) =>
        ShouldFind(text => text.Contains(only, StringComparison.Ordinal) ? text.Replace(right, wrong, StringComparison.Ordinal) : text, operation, operands);

    [Fact]
    public void Verdicts_of_another_build_are_not_believed()
    {
        using var folder = new Graphs.TemporaryFolder();
        var store = new BinaryStore(folder.Path);
        var driver = new CudaStandIn();
        var device = driver.Catalogue(store).Devices[0];
        store.Write("exact"u8, "probe", "1", device.TargetName, device.Limits.Identity);
        ExactnessProbe.Run(device, store).ShouldBeNull();
        driver.Calls.ShouldContain("LaunchKernel");
    }

    private static void ShouldFind(Func<string, string> rewrite, string operation, string operands)
    {
        var driver = new CudaStandIn { Rewrite = rewrite };
        var difference = RowProbe.Run(driver.Catalogue(BinaryStore.None).Devices[0]).ShouldNotBeNull();
        difference.ShouldContain(operation);
        difference.ShouldContain(operands);
        difference.ShouldContain("wanted ");
    }
}
