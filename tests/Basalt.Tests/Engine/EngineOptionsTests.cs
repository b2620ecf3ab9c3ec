using Basalt.Engine;

namespace Basalt.Tests.Engine;

public sealed class EngineOptionsTests
{
    [Fact]
    public void An_address_says_how_much_memory_there_is_and_which_searches_are_measured()
    {
        var options = EngineOptions.Of(StoreUri.Parse("basalt:./data?memory=64mb&recall=100"), TimeProvider.System);
        Assert.Equal(("./data", 64L << 20, 100), (options.Path, options.MemoryBytes, options.RecallEvery));
        Assert.Equal(0, EngineOptions.Of(StoreUri.Parse("basalt:./data"), TimeProvider.System).RecallEvery);
    }

    [Theory]
    [InlineData("recall=some", "whole number")]
    [InlineData("recall=-1", "whole number")]
    [InlineData("memory=much", "memory must be")]
    [InlineData("sync=soon", "sync must be")]
    [InlineData("recal=1", "recal")]
    public void An_option_that_cannot_be_used_is_refused_by_name(string option, string says)
    {
        var fault = Assert.Throws<BasaltException>(() => EngineOptions.Of(StoreUri.Parse("basalt:./data?" + option), TimeProvider.System));
        Assert.Equal(ErrorCode.InvalidOptions, fault.Code);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_of_searches_out_of_range_is_refused_when_the_database_is_opened()
    {
        var fault = Assert.Throws<BasaltException>(() => EngineBackend.Open(new EngineOptions { Path = "db", RecallEvery = 1_000_001 }));
        Assert.Equal(ErrorCode.InvalidOptions, fault.Code);
    }
}
