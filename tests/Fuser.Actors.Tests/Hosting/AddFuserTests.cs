using System.ComponentModel.DataAnnotations;
using Fuser.Actors.Tests.Fusion;
using Fuser.Kernels.Tensors;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Fuser.Actors.Tests.Hosting;

public sealed class AddFuserTests
{
    public static TheoryData<string, string> BadSettings => new()
    {
        { nameof(FuserOptions.MaxSpecs), "0" },
        { nameof(FuserOptions.MaxSpecs), "1000001" },
        { nameof(FuserOptions.MaxKernels), "-1" },
        { nameof(FuserOptions.MaxCodeBytes), "100" },
        { nameof(FuserOptions.Compilers), "0" },
        { nameof(FuserOptions.Compilers), "257" },
        { nameof(FuserOptions.MailboxCapacity), "0" },
        { nameof(FuserOptions.Threads), "0" },
        { nameof(FuserOptions.Threads), "1025" },
        { nameof(FuserOptions.CompileTimeout), "00:00:00" },
        { nameof(FuserOptions.AskTimeout), "-00:00:01" },
        { nameof(FuserOptions.ShutdownTimeout), "2.00:00:00" },
        { nameof(FuserOptions.Device), "gpu" },
        { nameof(FuserOptions.Device), "" },
    };

    [Fact]
    public async Task A_host_gets_a_running_system_and_ends_it()
    {
        FusedFunction function;
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        using (var host = Host(services => services.AddFuser(options => options.MaxSpecs = 7)))
        {
            await host.StartAsync();
            var fuser = host.Services.GetRequiredService<IFuser>();
            fuser.ShouldBeSameAs(host.Services.GetRequiredService<IFuser>());
            function = await fuser.RegisterAsync(Graphs.Scale(1));
            (await function.RunAsync(inputs))[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, Graphs.Data));
            await host.StopAsync();
        }

        await Should.ThrowAsync<Actors.Core.ActorStoppedException>(function.RunAsync(inputs).Guard());
    }

    [Fact]
    public async Task Options_are_bound_from_configuration_and_code_wins()
    {
        using var host = Host(
            services =>
            {
                services.AddOptions<FuserOptions>().BindConfiguration("Fuser");
                services.AddFuser(options => options.MaxKernels = 5);
                services.AddFuser();
            },
            ("Fuser:MaxKernels", "9"),
            ("Fuser:MaxSpecs", "3"),
            ("Fuser:CompileTimeout", "00:00:12"),
            ("Fuser:Device", "interpreter"));
        await host.StartAsync();
        var options = host.Services.GetRequiredService<IOptions<FuserOptions>>().Value;
        (options.MaxKernels, options.MaxSpecs, options.CompileTimeout, options.Device).ShouldBe((5, 3, TimeSpan.FromSeconds(12), "interpreter"));
        host.Services.GetServices<IFuser>().ShouldHaveSingleItem();
        (await host.Services.GetRequiredService<IFuser>().GetDevicesAsync())[0].Name.ShouldBe("interpreter");
    }

    [Theory]
    [MemberData(nameof(BadSettings))]
    public async Task A_bad_setting_stops_the_host_at_its_start_and_is_named(string setting, string value)
    {
        using var host = Host(services =>
        {
            services.AddOptions<FuserOptions>().BindConfiguration("Fuser");
            services.AddFuser();
        }, ($"Fuser:{setting}", value));
        var error = await Should.ThrowAsync<OptionsValidationException>(host.StartAsync());
        error.Message.ShouldContain(setting);
    }

    [Fact]
    public async Task A_system_started_by_hand_checks_its_options_too_and_names_all_that_are_bad()
    {
        var error = await Should.ThrowAsync<ValidationException>(async () =>
            await FuserSystem.StartAsync(new FuserOptions { MaxSpecs = 0, CompileTimeout = TimeSpan.Zero }));
        error.Message.ShouldContain("MaxSpecs");
        error.Message.ShouldContain("CompileTimeout is 00:00:00");
    }

    private static IHost Host(Action<IServiceCollection> configure, params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        configure(builder.Services);
        return builder.Build();
    }
}
